import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../domain/failure';
import { type KeptPages, openJsonLines } from '../ocr/jsonLines';
import { documentMarkdown, pageMarkdown } from '../ocr/markdown';
import { needReplaceable, replaceFile, writing } from '../ocr/outputFile';
import { createSummary, type PageResult } from '../ocr/pageResult';

export interface OutputOptions {
  readonly format: 'markdown' | 'json' | 'jsonl';
  /** A file; for Markdown a folder. Without it everything goes to standard output. */
  readonly out?: string;
  /** Markdown in a file a page. */
  readonly perPage?: boolean;
  readonly resume?: boolean;
  /** Of the batch: no text layer counts as there. */
  readonly forceOcr?: boolean;
}

/** Where results go. */
export interface OcrOutput {
  /** Pages that are there already. */
  kept(this: void): KeptPages;
  skip(this: void, document: { readonly name: string; readonly sha256: string }, page: number): boolean;
  /** A page is done, in whatever order. */
  done(this: void, result: PageResult): void;
  /** Results in order. */
  next(this: void, result: PageResult): void;
  /** A file could not be written: what is read from here on could not either. `finish` says more. */
  refused(this: void): boolean;
  /** @param documents in order; default the files. @throws Failure OUTPUT_NOT_WRITABLE, which says where the texts are instead. */
  finish(this: void, documents?: readonly string[]): void;
}

/**
 * @param files the documents, in order.
 * @throws Failure USAGE for options that do not go together; what `openJsonLines` throws.
 */
export function ocrOutput(
  options: OutputOptions,
  files: readonly string[],
  print: (text: string) => void,
): OcrOutput {
  const { format, out, perPage = false, resume = false, forceOcr } = options;
  if (resume && (format !== 'jsonl' || out === undefined))
    throw usage('--resume', 'goes with --format jsonl --out FILE');
  if (perPage && (format !== 'markdown' || out === undefined))
    throw usage('--per-page', 'goes with --format markdown --out FOLDER');
  const nothing = {
    kept: () => ({ pages: 0, notWhole: 0, outdated: 0 }),
    skip: () => false,
    done: () => undefined,
    next: () => undefined,
    refused: () => false,
  };
  if (format === 'json') return { ...nothing, ...json(out, print) };
  if (format === 'markdown') return { ...nothing, ...markdown(out, perPage, files, print) };
  if (out === undefined)
    return { ...nothing, next: (result) => print(`${JSON.stringify(result)}\n`), finish: () => undefined };
  makeFolder(dirname(out));
  const lines = openJsonLines(out, { resume, forceOcr });
  return {
    ...nothing,
    kept: lines.kept,
    skip: lines.has,
    done: lines.add,
    finish: (documents = files) => lines.finish(documents),
  };
}

function json(out: string | undefined, print: (text: string) => void): Pick<OcrOutput, 'next' | 'finish'> {
  const pages: PageResult[] = [];
  const summary = createSummary();
  const files = safeFiles(print);
  if (out !== undefined) {
    makeFolder(dirname(out));
    needReplaceable(out);
  }
  return {
    next(result) {
      pages.push(result);
      summary.add(result);
    },
    finish() {
      const text = `${JSON.stringify({ summary: summary.current(), pages }, null, 2)}\n`;
      if (out === undefined) print(text);
      else files.write(out, text);
      files.finish();
    },
  };
}

/** A document is written when its last page has come. */
function markdown(
  folder: string | undefined,
  perPage: boolean,
  files: readonly string[],
  print: (text: string) => void,
): Pick<OcrOutput, 'next' | 'refused' | 'finish'> {
  let pages: PageResult[] = [];
  const written = safeFiles(print);
  const names = outputNames(files);
  if (folder !== undefined) {
    makeFolder(folder);
    files.forEach((file) => needReplaceable(join(folder, `${names(file)}.md`)));
  }
  const flush = () => {
    const [first] = pages;
    if (first === undefined) return;
    const name = names(first.document);
    if (folder === undefined) print(documentMarkdown(pages));
    else if (!perPage) written.write(join(folder, `${name}.md`), documentMarkdown(pages));
    else
      for (const result of pages)
        written.write(
          join(folder, `${name}-${String(result.page).padStart(4, '0')}.md`),
          `${pageMarkdown(result)}\n`,
        );
    pages = [];
  };
  return {
    next(result) {
      if (pages.length > 0 && pages[0]?.document !== result.document) flush();
      pages.push(result);
    },
    refused: written.refused,
    finish() {
      flush();
      written.finish();
    },
  };
}

/**
 * Writes files. A text that was paid for is not lost with its place: it goes to a temporary folder, where that has no room
 * either it is printed, and `finish` says so.
 */
function safeFiles(print: (text: string) => void) {
  let elsewhere: string | undefined;
  const places = new Set<string>();
  let refused: Failure | undefined;
  const rescue = (name: string, text: string) => {
    try {
      elsewhere ??= mkdtempSync(join(tmpdir(), 'lightonocr-'));
      replaceFile(join(elsewhere, name), [text]);
      places.add(`is in ${elsewhere}`);
    } catch {
      print(text);
      places.add('was printed to standard output');
    }
  };
  return {
    write(file: string, text: string): void {
      try {
        replaceFile(file, [text]);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        refused ??= error;
        rescue(basename(file), text);
      }
    },
    refused: () => refused !== undefined,
    finish(): void {
      if (refused === undefined) return;
      const { code, message, where, got, exitCode } = refused;
      const remedy = `what could not be written ${[...places].join(' or ')}: make room, and move it`;
      throw new Failure({ code, message, where, got, remedy, exitCode }, { cause: refused });
    },
  };
}

const makeFolder = (folder: string) => writing(folder, () => mkdirSync(folder, { recursive: true }));

/**
 * `scan.pdf` → `scan.pdf`; two of one name in different folders → `scan.pdf`, `scan.pdf-2`. The files come first; documents that
 * are found in them get their names as they come.
 */
export function outputNames(files: readonly string[]): (document: string) => string {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const nameOf = (document: string): string => {
    const known = names.get(document);
    if (known !== undefined) return known;
    let name = basename(document);
    for (let times = 2; taken.has(name); times++) name = `${basename(document)}-${times}`;
    taken.add(name);
    names.set(document, name);
    return name;
  };
  files.forEach(nameOf);
  return nameOf;
}

function usage(option: string, message: string): Failure {
  return new Failure({
    code: 'USAGE',
    message: `${option} ${message}.`,
    where: option,
    remedy: 'lightonocr ocr --help',
    exitCode: 2,
  });
}
