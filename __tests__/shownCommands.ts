import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import ts from 'typescript';
import { program } from '../bin/cli';
import { codeOf as codeOfText, type Shown } from '../scripts/typed/shown';

export { commandsOf, wordsOf } from '../scripts/typed/shown';

export const ROOT = join(__dirname, '..');
export const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
export const filesBelow = (folder: string, ending: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));
export const PAGES = ['README.md', ...filesBelow('docs', '.md')];

/** Code of a page of the project. */
export const codeOf = (page: string): Shown[] => codeOfText(page, read(page));

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
