import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { program } from '../bin/cli';
import { shownCommands as commandsInHelp } from '../bin/command';
import packageJson from '../package.json';
import { workflowsCommand } from '../rehearsal/act/main';
import { rehearseCommand } from '../rehearsal/main';
import { simulateCommand } from '../rehearsal/simulate/main';
import { sandboxCommand } from '../rehearsal/sandbox/main';
import { corpusCommand } from '../scripts/corpus';
import { fuzzCommand } from '../scripts/fuzz';
import { simulateVerdictsCommand } from '../scripts/simulate-verdicts';
import { measureCommand } from '../scripts/measure-gpu';
import { verifyCommand } from '../scripts/verify-vllm';
import { codeOf, commandsOf, filesBelow, has, PAGES, refusal, stringsOf, wordsOf } from './shownCommands';

// Every command that somebody may paste: from the pages, and from the remedies and hints in the sources.
const SOURCES = ['domain', 'release', 'operate', 'bin', 'deployments', 'constructs', 'stacks', 'ocr'].flatMap(
  (folder) => filesBelow(folder, '.ts'),
);
const SHOWN = [...PAGES.flatMap(codeOf), ...SOURCES.flatMap(stringsOf)];
/** Sentences whose subject is a tool, and a command that a table only hints at. */
const PROSE = /^(gcloud|terraform) (and|wants|show without|output without)\b|…/;
const shownCommands = (start: string) =>
  [
    ...new Map(
      SHOWN.flatMap((shown) => commandsOf(shown, start).map((command) => [command, shown.where] as const)),
    ),
  ].filter(([command]) => !PROSE.test(command));

describe('bin/lightonocr', () => {
  test('takes every command line that is shown', async () => {
    const shown = shownCommands('bin/lightonocr');
    expect(shown.length).toBeGreaterThan(50);
    const refused = await Promise.all(
      shown.map(async ([command, where]) => ({
        command,
        where,
        why: await refusal(wordsOf(command).slice(1)),
      })),
    );
    expect(refused.filter(({ why }) => why !== undefined && why !== '(outputHelp)')).toEqual([]);
  });

  test.each([
    ['a flag that is not there', 'bin/lightonocr status production --verbose'],
    ['a command that is not there', 'bin/lightonocr deploy production'],
    ['a command without what it needs', 'bin/lightonocr plan production'],
    ['a deployment that is not there', 'bin/lightonocr doctor prodution'],
    ['a deployment that is not there, as a flag', 'bin/lightonocr review plan.json --deployment prodution'],
    ['a check that is not there', 'bin/lightonocr doctor production --only service,trafic'],
    ['a caller that is not there', 'bin/lightonocr doctor production --as deploier'],
    ['a step that is not there', 'bin/lightonocr bootstrap production --run nxt'],
    ['the number of a step that is not there', 'bin/lightonocr bootstrap production --run 9'],
    ['a scale that is none', 'bin/lightonocr scale production zeroo'],
  ])('rejects %s', async (_what, command) => {
    expect(await refusal(wordsOf(command).slice(1))).toBeDefined();
  });

  test('shows an example for every command, and takes it', async () => {
    const examples = commandsInHelp(program()).map((command) => {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      return { command: command.name(), example: /\$ (bin\/lightonocr .*)/.exec(help)?.[1] };
    });
    expect(examples.filter(({ example }) => example === undefined)).toEqual([]);
    const refused = await Promise.all(
      examples.map(async ({ example = '' }) => [example, await refusal(wordsOf(example).slice(1))] as const),
    );
    expect(refused.filter(([, why]) => why !== undefined)).toEqual([]);
  });
});

/** Parsers of the npm scripts that have one; the others take no flags, but for names that they look for themselves. */
const PARSERS: Readonly<Record<string, () => Command>> = {
  rehearse: rehearseCommand,
  'rehearse:workflows': workflowsCommand,
  sandbox: sandboxCommand,
  simulate: simulateCommand,
  'simulate:verdicts': simulateVerdictsCommand,
  'measure:gpu': measureCommand,
  'verify:vllm': verifyCommand,
  corpus: corpusCommand,
  fuzz: fuzzCommand,
};
const TAKES_WORDS = ['bench', 'check', 'mutants'];

async function scriptRefusal(command: string): Promise<string | undefined> {
  const [, , script = '', dashes, ...words] = wordsOf(command);
  if (!(script in packageJson.scripts)) return `no script ${script}`;
  if (dashes === undefined) return undefined;
  if (dashes !== '--') return `npm keeps ${dashes} for itself: -- is missing`;
  const parser = PARSERS[script];
  if (parser) return refusal(words, parser());
  return TAKES_WORDS.includes(script) && !words.some((word) => word.startsWith('--'))
    ? undefined
    : `${script} takes no ${words.join(' ')}`;
}

describe('npm run', () => {
  test('takes every script and flag that is shown', async () => {
    const shown = shownCommands('npm run');
    expect(shown.filter(([command]) => command.includes(' -- ')).length).toBeGreaterThan(5);
    const refused = await Promise.all(
      shown.map(async ([command, where]) => ({ command, where, why: await scriptRefusal(command) })),
    );
    expect(refused.filter(({ why }) => why !== undefined)).toEqual([]);
  });

  test.each([
    'npm run reherse',
    'npm run rehearse --without guard',
    'npm run rehearse -- --wihtout guard',
    'npm run rehearse -- --without gaurd',
    'npm run rehearse:workflows -- --without guard',
    'npm run measure:gpu -- --max-seqs 1,2 --pages 64',
    'npm run measure:gpu -- --image X --pagez 64',
    'npm run docs -- --check',
    'npm run bench -- --only ocr',
  ])('rejects %s', async (command) => {
    expect(await scriptRefusal(command)).toBeDefined();
  });
});

/** What is shown of GitHub's command line: verbs and their flags, as `gh VERB --help` has them (gh 2.83). */
const GH: Readonly<Record<string, readonly string[]>> = {
  api: ['--jq'],
  'auth token': [],
  'workflow enable': [],
  'workflow run': [],
};

function ghRefusal(command: string): string | undefined {
  const words = wordsOf(command).slice(1);
  const verb = Object.keys(GH).find((known) => `${words.join(' ')} `.startsWith(`${known} `));
  if (verb === undefined) return `no verb ${words[0]}`;
  return words.find((word) => word.startsWith('-') && !GH[verb]!.includes(word.replace(/=.*/, '')));
}

describe('gh', () => {
  test('has every verb and flag that is shown', () => {
    const shown = shownCommands('gh');
    expect(shown.length).toBeGreaterThan(3);
    const refused = shown.map(([command, where]) => ({ command, where, why: ghRefusal(command) }));
    expect(refused.filter(({ why }) => why !== undefined)).toEqual([]);
  });

  test.each(['gh apis users/OWNER', 'gh auth tokens', 'gh api users/OWNER --jqq .id'])(
    'rejects %s',
    (command) => {
      expect(ghRefusal(command)).toBeDefined();
    },
  );
});

interface Linted {
  readonly command_string: string;
  readonly success: boolean;
  readonly error_type: string | null;
  readonly error_message: string | null;
}

/** gcloud's own static check: verbs and flags, nothing is run and nobody is asked. */
function lint(commands: readonly string[]): Linted[] {
  const file = join(mkdtempSync(join(tmpdir(), 'gcloud-')), 'commands.json');
  // A name that a project may have: gcloud refuses a capital one before it looks at the flags.
  const filled = commands.map((command) => ({
    command_string: command.replace(/\bX\b|PROJECT/g, 'xxxxxx'),
  }));
  writeFileSync(file, JSON.stringify(filled));
  const output = execFileSync('gcloud', ['meta', 'lint-gcloud-commands', `--commands-file=${file}`], {
    encoding: 'utf8',
    env: { ...process.env, CLOUDSDK_CORE_DISABLE_PROMPTS: '1', CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1' },
  });
  return JSON.parse(output) as Linted[];
}

/** A verb or a flag that gcloud does not know. What the sources fill in (`xxxxxx`) may stand for a verb or for several flags. */
const isUnknown = ({ error_type: type, error_message: message }: Linted) =>
  (type === 'UnrecognizedCommandError' && !/'xxxxxx'|Command name argument expected/.test(message ?? '')) ||
  (type === 'UnrecognizedArgumentsError' &&
    /unrecognized arguments:.*(?<!\S)(?!xxxxxx)\S/.test(message ?? ''));

(has('gcloud') ? describe : describe.skip)('gcloud', () => {
  test('knows every verb and flag that is shown', () => {
    const shown = shownCommands('gcloud');
    expect(shown.length).toBeGreaterThan(15);
    const unknown = lint(shown.map(([command]) => command)).filter(isUnknown);
    expect(
      unknown.map((linted) => ({ ...linted, args_structure: undefined, command_args: undefined })),
    ).toEqual([]);
  });

  test.each(['gcloud run services logs NAME', 'gcloud run deploy X --gpus 1', 'gcloud run service list'])(
    'rejects %s',
    (command) => {
      expect(lint([command]).filter(isUnknown)).toHaveLength(1);
    },
    120_000,
  );
});

/** Why Terraform would not take a command line: its verb, or a flag that its help does not list. */
function terraformRefusal(command: string): string | undefined {
  const [, ...words] = wordsOf(command);
  const verbs = words.filter((word) => !word.startsWith('-'));
  const help = (words: readonly string[]) => {
    try {
      return execFileSync('terraform', [...words, '-help'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    } catch (error) {
      return String((error as { stdout?: string }).stdout);
    }
  };
  const verb = ['state', 'providers', 'workspace'].includes(verbs[0] ?? '')
    ? verbs.slice(0, 2)
    : verbs.slice(0, 1);
  const text = help(verb);
  if (!text.startsWith(`Usage: terraform [global options] ${verb.join(' ')}`))
    return `no verb ${verb.join(' ')}`;
  const flags = words.filter((word) => word.startsWith('-')).map((word) => word.replace(/=.*/, ''));
  return flags.find((flag) => !new RegExp(`^\\s*${flag}\\b`, 'm').test(text));
}

(has('terraform') ? describe : describe.skip)('terraform', () => {
  const shown = shownCommands('terraform');

  test('knows every verb and flag that is shown', () => {
    expect(shown.length).toBeGreaterThan(5);
    const refused = shown.map(([command, where]) => ({ command, where, why: terraformRefusal(command) }));
    expect(refused.filter(({ why }) => why !== undefined)).toEqual([]);
  });

  test.each(['terraform aply', 'terraform plan -output=x'])('rejects %s', (command) => {
    expect(terraformRefusal(command)).toBeDefined();
  });
});
