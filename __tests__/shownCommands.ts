import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import ts from 'typescript';
import { program } from '../bin/cli';

export const ROOT = join(__dirname, '..');
export const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
export const filesBelow = (folder: string, ending: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));
export const PAGES = ['README.md', ...filesBelow('docs', '.md')];

/** A text with commands in it: a page's code, or a string of the sources with `X` for what is filled in. */
export interface Shown {
  readonly where: string;
  readonly text: string;
}

/** Code of a page: what stands in fences, line by line, and between backticks. Lines that end in `\` are one. */
export function codeOf(page: string): Shown[] {
  const markdown = read(page);
  // All fences are matched, so that the end of one is not taken for the beginning of the next.
  const fenced = [...markdown.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)]
    .filter(([, language = '']) => ['', 'sh', 'bash', 'shell'].includes(language))
    .flatMap(([, , code = '']) => code.replace(/\\\n\s*/g, ' ').split('\n'));
  const inline = [...markdown.replace(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, code = '']) => code,
  );
  return [...fenced, ...inline].map((text) => ({ where: page, text: text.replace(/\s#\s.*/, '') }));
}

/** Every string of the sources. */
export function stringsOf(file: string): Shown[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    if (ts.isTemplateExpression(node)) {
      found.push(node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join(''));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.flatMap((text) => text.split('\n').map((line) => ({ where: file, text: line })));
}

/** Commands that begin with these words, without the prose around them. */
export function commandsOf({ text }: Shown, start: string): string[] {
  return [...text.matchAll(new RegExp(`(?<![\\w./=-])${start} (?=[a-z])([^\`]*)`, 'g'))].map(
    ([, rest = '']) => `${start} ${untilProse(rest)}`.trim(),
  );
}

/** A shell's words; a quoted one keeps its spaces. */
export const wordsOf = (command: string): string[] =>
  [...command.matchAll(/((?:[^\s"']|"[^"]*"|'[^']*')+)/g)].map(([, word = '']) => word.replace(/["']/g, ''));

/** Up to where a sentence goes on: `…; then`, `… (why)`, a closing bracket that nothing opened. */
function untilProse(rest: string): string {
  let depth = 0;
  let quote = '';
  for (let at = 0; at < rest.length; at++) {
    const sign = rest[at]!;
    if (quote) {
      if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '(') {
      if (rest[at - 1] === ' ') return rest.slice(0, at);
      depth++;
    } else if (sign === ')' && --depth < 0) return rest.slice(0, at);
    else if (
      depth === 0 &&
      /^(;|,\s|:\s|&&|\|\s|>>?\s|\.$|\.\s|\s(or|and|then|for|says|to|shows|puts|in|with|on|once|of|prints|is|wants|there|by) )/.test(
        rest.slice(at),
      )
    )
      return rest.slice(0, at);
  }
  return rest;
}

/** Deployments that a shown command may name: what is shipped, and one that a page says somebody may have. */
const DEPLOYMENTS = [...filesBelow('deployments', '.yaml').map((file) => basename(file, '.yaml')), 'staging'];
/** What the sources fill in, and what a page leaves to its reader: any value may stand there. */
const PLACEHOLDER = /^(X+|N|NAME|DEPLOYMENT)$/;

function knownDeployment(name: string): string {
  if (DEPLOYMENTS.includes(name)) return name;
  throw new InvalidArgumentError(`There is no deployment ${name}.`);
}

/** A parser of a flag or an argument, that lets a placeholder pass. */
function fillIn(holder: { parseArg?: unknown; name(): string; required?: boolean }): void {
  // One that may be left out (`ocr --url`) may be a document.
  const parse = holder.name() === 'deployment' && holder.required ? knownDeployment : holder.parseArg;
  if (typeof parse !== 'function') return;
  holder.parseArg = (text: string, before: unknown): unknown =>
    PLACEHOLDER.test(text) ? text : (parse as (...given: unknown[]) => unknown).call(holder, text, before);
}

/** What commander says against a command line; undefined when it takes it, or prints its help. Nothing is run. */
export async function refusal(
  words: readonly string[],
  root: Command = program(),
): Promise<string | undefined> {
  const silent = (command: Command): void => {
    command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
      .action(() => undefined);
    [...command.options, ...command.registeredArguments].forEach(fillIn);
    command.commands.forEach(silent);
  };
  silent(root);
  return root.parseAsync(words, { from: 'user' }).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/** True where a tool can be run. */
export function has(tool: string): boolean {
  try {
    execFileSync('which', [tool], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
