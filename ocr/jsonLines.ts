import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { Failure } from '../domain/failure';
import { needReplaceable, replaceFile, writing } from './outputFile';
import type { PageResult } from './pageResult';

/** Pages of earlier runs in the file. */
export interface KeptPages {
  readonly pages: number;
  /** Of these, pages that are truncated or repetitive: they are not read again, and still not whole. */
  readonly notWhole: number;
  /** Pages beside these, of documents whose content has changed since and was read; `finish` drops them. */
  readonly outdated: number;
}

/** A file of JSON Lines that a batch writes into, a page a line. */
export interface JsonLines {
  /** As far as the documents are known: each shows with its first page whether it has changed. */
  kept(this: void): KeptPages;
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

export interface JsonLinesOptions {
  /** Goes on with what is in the file; default false. */
  readonly resume?: boolean;
  /** Holds no page whose text is a text layer's, as `forceOcr` of the batch takes none; default false. */
  readonly forceOcr?: boolean;
}

/** How every line begins. */
const START = '{"document":';
const READ_BYTES = 2 ** 20;

type Key = Pick<PageResult, 'document' | 'sha256' | 'page'>;

/** Where a page's line is in the file: the texts of a long batch together are more than a string, or the memory, holds. */
interface Line {
  readonly key: Key;
  readonly at: number;
  readonly length: number;
  readonly earlier: boolean;
  readonly status: PageResult['status'];
}

/**
 * Opens a file of results. With `resume` the pages in it are kept, but for failed ones and a last line that a kill cut.
 * A document counts as the same when name and content are.
 * @throws Failure OUTPUT_EXISTS without `resume` when something is in it, OUTPUT_NOT_WRITABLE, NOT_JSON_LINES when the file is something else.
 */
export function openJsonLines(file: string, options: JsonLinesOptions = {}): JsonLines {
  const { resume = false, forceOcr = false } = options;
  needReplaceable(file);
  const descriptor = writing(file, () => openSync(file, 'a+'));
  const lines = new Map<string, Line>();
  /** By name: what a document's bytes are now. */
  const contents = new Map<string, string>();
  /** What was paid for stays until something of the document's new content was read. */
  const outdated = ({ key }: Line) =>
    (contents.get(key.document) ?? key.sha256) !== key.sha256 && renewed.has(key.document);
  const renewed = new Set<string>();
  let size = 0;
  if (fstatSync(descriptor).size > 0) {
    if (!resume) throw outputExists(file);
    for (const { result, length } of resultsIn(file, descriptor)) {
      const { document, sha256, page, status, source } = result;
      const line = { key: { document, sha256, page }, at: size, length, earlier: true, status };
      size += length;
      if (status === 'failed' || (forceOcr && source === 'text-layer')) continue;
      lines.set(keyOf(result), line);
    }
    ftruncateSync(descriptor, size);
  }

  return {
    kept() {
      const earlier = [...lines.values()].filter((line) => line.earlier);
      const current = earlier.filter((line) => !outdated(line));
      const notWhole = current.filter(({ status }) => status !== 'whole').length;
      return { pages: current.length, notWhole, outdated: earlier.length - current.length };
    },
    has({ name, sha256 }, page) {
      contents.set(name, sha256);
      const there = lines.has(keyOf({ document: name, sha256, page }));
      if (there) renewed.add(name);
      return there;
    },
    add(result) {
      const { document, sha256, page, status } = result;
      const line = Buffer.from(`${JSON.stringify(result)}\n`);
      try {
        writing(file, () => appendFileSync(descriptor, line));
      } catch (error) {
        ftruncateSync(descriptor, size); // a part of the line, on a disk that is full
        throw error;
      }
      const key = { document, sha256, page };
      lines.set(keyOf(key), {
        key,
        at: size,
        length: line.length,
        earlier: false,
        status,
      });
      size += line.length;
      if (status !== 'failed') renewed.add(document);
    },
    finish(documents) {
      const place = new Map(documents.map((document, at) => [document, at]));
      const placeOf = ({ document }: Key) => place.get(document) ?? documents.length;
      const ordered = [...lines.values()]
        .filter((line) => !outdated(line))
        .sort((a, b) => placeOf(a.key) - placeOf(b.key) || a.key.page - b.key.page);
      replaceFile(
        file,
        bytesOf(descriptor, ordered),
        'make room: every page is in the file, and --resume orders them',
      );
      closeSync(descriptor);
    },
  };
}

const keyOf = ({ document, sha256, page }: Key): string => JSON.stringify([document, sha256, page]);

function* bytesOf(descriptor: number, lines: readonly Line[]): Generator<Buffer> {
  for (const { at, length } of lines) {
    const line = Buffer.allocUnsafe(length);
    readSync(descriptor, line, 0, length, at);
    yield line;
  }
}

/** The results in a file, with the bytes that each takes. Only the last line may be broken: it is where a kill came in. */
function* resultsIn(file: string, descriptor: number): Generator<{ result: PageResult; length: number }> {
  const chunk = Buffer.alloc(READ_BYTES);
  let rest = Buffer.alloc(0);
  let number = 0;
  for (;;) {
    const read = writing(file, () => readSync(descriptor, chunk));
    rest = Buffer.concat([rest, chunk.subarray(0, read)]);
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
      yield { result: resultOf(rest.toString('utf8', 0, end), file, ++number), length: end + 1 };
      rest = rest.subarray(end + 1);
    }
    if (number === 0 && !START.startsWith(rest.toString('utf8', 0, START.length)))
      throw notJsonLines(file, 1);
    if (read === 0) return;
  }
}

function resultOf(line: string, file: string, number: number): PageResult {
  try {
    const result = JSON.parse(line) as PageResult;
    if (typeof result.document === 'string' && typeof result.page === 'number') return result;
  } catch {
    // As below.
  }
  throw notJsonLines(file, number);
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
