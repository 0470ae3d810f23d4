import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import packageJson from '../package.json';
import { program } from '../bin/cli';
import { shownCommands } from '../bin/command';
import { profileDifferences } from '../deployments/profiles';
import { codeOf, commandsOf, filesBelow, PAGES, read, ROOT } from './shownCommands';

const README = read('README.md');

/** Text without code blocks: what looks like a link or a heading in them is none. */
const prose = (markdown: string) => markdown.replace(/^ *```[\s\S]*?^ *```$/gm, '');

/** Anchors of a page's headings, as GitHub makes them. */
const anchors = (markdown: string) =>
  [...prose(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Why a link of a page leads nowhere; undefined when it does lead somewhere. */
function brokenLink(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, target))) return `${link}: no such file`;
  if (anchor === undefined || anchors(read(target)).includes(anchor)) return undefined;
  return `${link}: no such heading`;
}

const linksOf = (page: string) =>
  [...prose(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));

/** Rows of the table whose head begins with this column; cells without their backticks. */
function rows(markdown: string, column: string): string[][] {
  const [, table = ''] =
    new RegExp(`^\\| ${column} \\|.*\\n\\|[- |]+\\n((?:\\|.*\\n)+)`, 'm').exec(markdown) ?? [];
  return table
    .trim()
    .split('\n')
    .map((row) => row.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')));
}

describe.each(PAGES)('%s', (page) => {
  test('has links that lead somewhere', () => {
    expect(linksOf(page).flatMap((link) => brokenLink(page, link) ?? [])).toEqual([]);
  });

  test('names files that exist', () => {
    const named = [...read(page).matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|js|yaml|yml|py|md))`/g)];
    expect(named.map(([, file = '']) => file).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  test('names no path of somebody’s machine', () => {
    expect(read(page)).not.toMatch(/(^|[\s`"'(=])(\/(work|home|Users|root|tmp|opt|mnt)\/|[A-Z]:\\|~\/)/m);
  });
});

describe('brokenLink', () => {
  test.each(['nowhere.md', 'README.md#nowhere', '#nowhere'])('rejects %s', (link) => {
    expect(brokenLink('README.md', link)).toBeDefined();
  });
});

/** What the first screen of a page does not show: the picture, the two commands, the first of the steps. */
function missingAbove(page: string): string[] {
  const screen = page.split('\n').slice(0, 30).join('\n');
  const shown = {
    picture: /^```mermaid\n(?:(?!```).*\n)*.*-->.*\n(?:(?!```).*\n)*```$/m,
    rehearse: /^npm ci && npm run rehearse\b/m,
    test: /^npm ci && npm test\b/m,
    'first step': /^1\. \S/m,
    'second step': /^2\. \S/m,
  };
  return Object.entries(shown).flatMap(([what, pattern]) => (pattern.test(screen) ? [] : [what]));
}

describe('README.md', () => {
  test('is short, and begins with the picture, the two commands and the steps of a first deploy', () => {
    expect(README.split('\n').length).toBeLessThan(200);
    expect(missingAbove(README)).toEqual([]);
    expect(
      codeOf('README.md').flatMap((shown) => commandsOf(shown, 'bin/lightonocr')).length,
    ).toBeGreaterThan(4);
  });

  test.each([
    ['the picture', /^```mermaid[\s\S]*?^```$/m, ['picture']],
    ['what the picture shows', /^.*-->.*$/gm, ['picture']],
    ['the commands', /^npm ci.*$/gm, ['rehearse', 'test']],
    ['the steps', /^\d+\. .*$/gm, ['first step', 'second step']],
  ])('would not pass without %s', (_what, taken, missing) => {
    expect(missingAbove(README.replace(taken, ''))).toEqual(missing);
  });

  test('has a row for every command, with every flag of its own in it', () => {
    const table = rows(README, 'command');
    const common = ['--help', '--endpoint', '--terraform', '--json'];
    for (const command of shownCommands(program())) {
      const row = table.find(([first = '']) => first.split(' ')[0] === command.name())?.join(' ');
      const flags = command.options.map(({ long }) => long!).filter((flag) => !common.includes(flag));
      expect({ command: command.name(), missing: flags.filter((flag) => !row?.includes(flag)) }).toEqual({
        command: command.name(),
        missing: [],
      });
    }
    expect(table).toHaveLength(shownCommands(program()).length);
  });
});

describe('docs/facts.md', () => {
  test('has the differences between the profiles as they are', () => {
    const written = rows(read('docs/facts.md'), 'key');
    const value = (is: unknown) => (is === undefined ? 'none' : JSON.stringify(is));
    expect(written).toEqual(
      profileDifferences().map(({ key, guide, standard, reason, grade }) => [
        key,
        value(guide),
        value(standard),
        reason,
        grade,
      ]),
    );
  });
});

describe('docs/configuration.md', () => {
  test('names every variable that the sources read', () => {
    const files = [
      'main.ts',
      ...['deployments', 'release', 'operate', 'bin'].flatMap((folder) => filesBelow(folder, '.ts')),
    ];
    const variables = new Set(files.flatMap((file) => read(file).match(/\bLIGHTONOCR_[A-Z_]+/g) ?? []));
    const page = read('docs/configuration.md');
    expect(variables.size).toBeGreaterThan(5);
    expect([...variables].filter((variable) => !page.includes(`\`${variable}\``))).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  const table = rows(read('docs/dependencies.md'), 'package');

  test('names exactly the direct dependencies', () => {
    const direct = Object.keys({ ...packageJson.dependencies, ...packageJson.devDependencies });
    expect(table.map(([name]) => name).sort()).toEqual(direct.sort());
  });

  test('has the licences that the packages state', () => {
    const stated = table.map(([name = '']) => {
      const { license } = JSON.parse(read(join('node_modules', name, 'package.json'))) as { license: string };
      return [name, license];
    });
    expect(table.map((cells) => [cells[0], cells.at(-1)])).toEqual(stated);
  });
});

describe('docs/decisions', () => {
  const decisions = filesBelow('docs/decisions', '.md').filter((file) => !file.endsWith('README.md'));

  test.each(decisions)('%s has context, choice and consequence, and is in the list', (file) => {
    const text = read(file);
    for (const part of ['Context', 'Choice', 'Consequence']) expect(text).toContain(`\n**${part}.** `);
    expect(linksOf('docs/decisions/README.md')).toContain(relative('docs/decisions', file));
  });
});

describe('source files', () => {
  test('name pages and headings that exist', () => {
    const sources = ['domain', 'release', 'deployments', 'constructs', 'stacks', 'ocr', 'bin', 'rehearsal'];
    const named = sources
      .flatMap((folder) => filesBelow(folder, '.ts'))
      .flatMap((file) => [...read(file).matchAll(/(?<!\/)(docs\/[\w./-]+\.md)(?:[^"\n]*?"([A-Z]\w+)")?/g)])
      .map(([, page = '', heading]) => ({ page, heading }));
    expect(named.length).toBeGreaterThan(2);
    const wrong = named.filter(
      ({ page, heading }) =>
        !existsSync(join(ROOT, page)) || (heading && !anchors(read(page)).includes(heading.toLowerCase())),
    );
    expect(wrong).toEqual([]);
  });
});
