import type { ListedObject } from './inventory';
import { documentKind } from './kinds';
import type { BatchDocument, Block } from './manifest';

/** Bytes of a scanned page; a round number, for balance only: what a document has is known when it is read. */
const BYTES_A_PAGE = 64 * 2 ** 10;
/** What the client opens at most (`ocr/limits.ts`). */
const MAX_PAGES = 5000;
/** A block is some ten minutes of one instance: what a killed task has to look through again. An own choice. */
export const BLOCK_PAGES = 300;
/** One page of a listing of its results. */
export const BLOCK_DOCUMENTS = 1000;

/** Pages that a document may have, by its name and size. */
export function likelyPages({ name, bytes, contentType }: ListedObject): number {
  if (documentKind(name, contentType) === 'picture') return 1;
  return Math.max(1, Math.min(MAX_PAGES, Math.round(bytes / BYTES_A_PAGE)));
}

/** Pages under way in one task: what one instance decodes together by default. */
const PAGES_A_TASK = 8;
/** Cloud Run's most is 10,000; more than the service's instances could be kept busy by is of no use. An own choice. */
const MAX_TASKS = 100;

/** Tasks that keep the service busy. @param pagesAtOnce of all tasks together. */
export const tasksFor = (pagesAtOnce: number): number =>
  Math.min(MAX_TASKS, Math.ceil(pagesAtOnce / PAGES_A_TASK));

/** As many of these tasks as there is something to do for. */
export const usefulTasks = (tasks: number, blocks: number): number =>
  Math.max(1, Math.min(tasks, blocks, MAX_TASKS));

/** A block and its documents, to be written. */
export interface FilledBlock {
  readonly block: Block;
  readonly documents: readonly BatchDocument[];
}

/** Cuts a listing into blocks as it comes: what is in memory is one block. */
export function blockCutter(maxPages = BLOCK_PAGES, maxDocuments = BLOCK_DOCUMENTS) {
  let documents: BatchDocument[] = [];
  let pages = 0;
  let made = 0;
  const cut = (): FilledBlock => {
    made += 1;
    const filled = { block: blockOf(String(made).padStart(5, '0'), documents), documents };
    documents = [];
    pages = 0;
    return filled;
  };
  return {
    /** A block, where this document would be too much for it. */
    add(document: BatchDocument): FilledBlock | undefined {
      const isFull =
        documents.length > 0 && (pages + document.pages > maxPages || documents.length === maxDocuments);
      const filled = isFull ? cut() : undefined;
      documents.push(document);
      pages += document.pages;
      return filled;
    },
    end: (): FilledBlock | undefined => (documents.length === 0 ? undefined : cut()),
  };
}

export function blockOf(id: string, documents: readonly BatchDocument[]): Block {
  return {
    id,
    documents: documents.length,
    pages: documents.reduce((sum, document) => sum + document.pages, 0),
    first: documents[0]!.name,
    last: documents.at(-1)!.name,
  };
}

/** Parts of a block of which many documents are left: `resume` gives the slowest to several tasks. */
export function splitBlock(id: string, documents: readonly BatchDocument[], parts: number): FilledBlock[] {
  const size = Math.ceil(documents.length / parts);
  return Array.from({ length: Math.ceil(documents.length / size) }, (_, index) => {
    const own = documents.slice(index * size, (index + 1) * size);
    return { block: blockOf(`${id}-${index + 1}`, own), documents: own };
  });
}

/**
 * Whose blocks are whose: the longest first, each to the task that has least (R. L. Graham, SIAM J. Appl. Math. 17, 1969: at most
 * 4/3 of the best). Every task finds the same, so nobody has to claim anything.
 */
export function blocksOfTask(blocks: readonly Block[], tasks: number, task: number): Block[] {
  const loads = Array.from({ length: tasks }, () => 0);
  const longestFirst = [...blocks].sort((a, b) => b.pages - a.pages || (a.id < b.id ? -1 : 1));
  return longestFirst.filter(({ pages }) => {
    const least = loads.indexOf(Math.min(...loads));
    loads[least]! += pages;
    return least === task;
  });
}

/** Of the results that stands last: `.jsonl` comes before it. */
const SUFFIX = '.md';

/**
 * Names between which the results of a block's documents stand: from the first's to one behind the last. `a.md` stands behind
 * `a-z`, although `a` stands before it: of all beginnings of the last name the one counts whose result comes last.
 */
export function resultRange(first: string, last: string): { from: string; before: string } {
  const candidates = Array.from({ length: last.length }, (_, index) => last.slice(0, index + 1) + SUFFIX);
  const furthest = candidates.reduce((most, name) => (name > most ? name : most));
  return { from: first, before: `${furthest}\0` };
}
