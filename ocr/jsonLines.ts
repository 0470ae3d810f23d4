import { appendFileSync, closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { Failure } from '../domain/failure';
import { replaceFile, writing } from './outputFile';
import type { PageResult } from './pageResult';

/** A file of JSON Lines that a batch writes into, a page a line. */
export interface JsonLines {
  /** Pages that the file held when it was opened. */
  readonly kept: number;
  /** Of these, pages that are truncated or repetitive: they are not read again, and still not whole. */
  readonly keptNotWhole: number;
  /** Whether the file holds the page already: `skip` of a batch. A page that failed is not held: it is tried again. */
  has(this: void, document: { readonly name: string; readonly sha256: string }, page: number): boolean;
  /** Adds a line; when it returns, the system has it: killing the process loses only pages that were not done. */
  add(this: void, result: PageResult): void;
  /**
   * Puts the lines in the order of these documents' pages and closes the file. A run that was killed and resumed, however
   * often, so ends with the file that one run would have written.
   */
  finish(this: void, documents: readonly string[]): void;
}

/** How every line begins. */
const START = '{"document":';

type Key = Pick<PageResult, 'document' | 'sha256' | 'page'>;

/**
 * Opens a file of results. With `resume` the pages in it are kept, but for failed ones and a last line that a kill cut.
 * A document counts as the same when name and content are.
 * @throws Failure OUTPUT_EXISTS without `resume` when something is in it, OUTPUT_NOT_WRITABLE, NOT_JSON_LINES when the file is something else.
 */
export function openJsonLines(file: string, { resume = false } = {}): JsonLines {
  const lines = new Map<string, { key: Key; line: string }>();
  let keptNotWhole = 0;
  const there = writing(file, () => statSync(file, { throwIfNoEntry: false }));
  if (there !== undefined && there.size > 0) {
    if (!resume) throw outputExists(file);
    for (const { key, line, whole } of writing(file, () => linesOf(file))) {
      lines.set(keyOf(key), { key, line });
      keptNotWhole += Number(!whole);
    }
  }
  const kept = lines.size;
  replace(
    file,
    [...lines.values()].map(({ line }) => line),
  );
  const descriptor = writing(file, () => openSync(file, 'a'));

  return {
    kept,
    keptNotWhole,
    has: ({ name, sha256 }, page) => lines.has(keyOf({ document: name, sha256, page })),
    add(result) {
      const { document, sha256, page } = result;
      const line = JSON.stringify(result);
      writing(file, () => appendFileSync(descriptor, `${line}\n`));
      lines.set(keyOf(result), { key: { document, sha256, page }, line });
    },
    finish(documents) {
      closeSync(descriptor);
      const place = new Map(documents.map((document, at) => [document, at]));
      const at = ({ document }: Key) => place.get(document) ?? documents.length;
      const ordered = [...lines.values()].sort((a, b) => at(a.key) - at(b.key) || a.key.page - b.key.page);
      replace(
        file,
        ordered.map(({ line }) => line),
      );
    },
  };
}

const keyOf = ({ document, sha256, page }: Key): string => JSON.stringify([document, sha256, page]);

/** The lines of pages that were read. Only the last line may be broken: it is where a kill came in. */
function linesOf(file: string): { key: Key; line: string; whole: boolean }[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const partial = lines.pop();
  const results = lines.map((line, at) => {
    try {
      const result = JSON.parse(line) as PageResult;
      if (typeof result.document === 'string' && typeof result.page === 'number') return { line, result };
    } catch {
      // As below.
    }
    throw notJsonLines(file, at + 1);
  });
  const start = (partial ?? '').slice(0, START.length);
  if (results.length === 0 && !START.startsWith(start)) throw notJsonLines(file, 1);
  return results
    .filter(({ result }) => result.status !== 'failed')
    .map(({ line, result: { document, sha256, page, status } }) => ({
      key: { document, sha256, page },
      line,
      whole: status === 'whole',
    }));
}

function replace(file: string, lines: readonly string[]): void {
  replaceFile(file, lines.map((line) => `${line}\n`).join(''));
}

function outputExists(file: string): Failure {
  return new Failure({
    code: 'OUTPUT_EXISTS',
    message: 'The output is there already.',
    where: file,
    remedy: 'go on with it (--resume), or name another file',
    exitCode: 2,
  });
}

function notJsonLines(file: string, line: number): Failure {
  return new Failure({
    code: 'NOT_JSON_LINES',
    message: 'The file to resume is no output of this command.',
    where: `${file}, line ${line}`,
    remedy: 'name another file; nothing was changed',
    exitCode: 2,
  });
}
