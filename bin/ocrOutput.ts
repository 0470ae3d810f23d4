import { closeSync, mkdirSync, openSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../domain/failure';
import { openJsonLines } from '../ocr/jsonLines';
import { documentMarkdown, pageMarkdown } from '../ocr/markdown';
import { replaceFile, writing } from '../ocr/outputFile';
import { createSummary, type PageResult } from '../ocr/pageResult';

export interface OutputOptions {
  readonly format: 'markdown' | 'json' | 'jsonl';
  /** A file; for Markdown a folder. Without it everything goes to standard output. */
  readonly out?: string;
  /** Markdown in a file a page. */
  readonly perPage?: boolean;
  readonly resume?: boolean;
}

/** Where results go. */
export interface OcrOutput {
  /** Pages that are there already. */
  readonly kept: number;
  /** Of these, pages that are not whole. */
  readonly keptNotWhole: number;
  skip(this: void, document: { readonly name: string; readonly sha256: string }, page: number): boolean;
  /** A page is done, in whatever order. */
  done(this: void, result: PageResult): void;
  /** Results in order. */
  next(this: void, result: PageResult): void;
  finish(this: void): void;
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
  const { format, out, perPage = false, resume = false } = options;
  if (resume && (format !== 'jsonl' || out === undefined))
    throw usage('--resume', 'goes with --format jsonl --out FILE');
  if (perPage && (format !== 'markdown' || out === undefined))
    throw usage('--per-page', 'goes with --format markdown --out FOLDER');
  const nothing = {
    kept: 0,
    keptNotWhole: 0,
    skip: () => false,
    done: () => undefined,
    next: () => undefined,
  };
  if (format === 'json') return { ...nothing, ...json(out, print) };
  if (format === 'markdown') return { ...nothing, ...markdown(out, perPage, files, print) };
  if (out === undefined)
    return { ...nothing, next: (result) => print(`${JSON.stringify(result)}\n`), finish: () => undefined };
  makeFolder(dirname(out));
  const lines = openJsonLines(out, { resume });
  return {
    ...nothing,
    kept: lines.kept,
    keptNotWhole: lines.keptNotWhole,
    skip: lines.has,
    done: lines.add,
    finish: () => lines.finish(files),
  };
}

function json(out: string | undefined, print: (text: string) => void): Pick<OcrOutput, 'next' | 'finish'> {
  const pages: PageResult[] = [];
  const summary = createSummary();
  // Opened and not touched: that it can be written is seen before the pages are paid for.
  if (out !== undefined) {
    makeFolder(dirname(out));
    writing(out, () => closeSync(openSync(out, 'a')));
  }
  return {
    next(result) {
      pages.push(result);
      summary.add(result);
    },
    finish() {
      const text = `${JSON.stringify({ summary: summary.current(), pages }, null, 2)}\n`;
      if (out === undefined) print(text);
      else replaceFile(out, text);
    },
  };
}

/** A document is written when its last page has come. */
function markdown(
  folder: string | undefined,
  perPage: boolean,
  files: readonly string[],
  print: (text: string) => void,
): Pick<OcrOutput, 'next' | 'finish'> {
  let pages: PageResult[] = [];
  if (folder !== undefined) makeFolder(folder);
  const names = outputNames(files);
  const flush = () => {
    const name = names.get(pages[0]?.document ?? '');
    if (pages.length === 0) return;
    if (folder === undefined || name === undefined) print(documentMarkdown(pages));
    else if (!perPage) replaceFile(join(folder, `${name}.md`), documentMarkdown(pages));
    else
      for (const result of pages)
        replaceFile(
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
    finish: flush,
  };
}

const makeFolder = (folder: string) => writing(folder, () => mkdirSync(folder, { recursive: true }));

/** `scan.pdf` → `scan.pdf`; two of one name in different folders → `scan.pdf`, `scan.pdf-2`. */
function outputNames(files: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const file of files) {
    let name = basename(file);
    for (let times = 2; taken.has(name); times++) name = `${basename(file)}-${times}`;
    taken.add(name);
    names.set(file, name);
  }
  return names;
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
