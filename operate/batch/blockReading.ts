import { sha256 } from '../../domain/canonical';
import { resultRange } from '../../domain/batch/blocks';
import {
  type BatchDocument,
  batchObjects,
  type Block,
  type DocumentResult,
  lines,
  type Manifest,
  resultNames,
} from '../../domain/batch/manifest';
import { placeOf } from '../../domain/batch/places';
import { documentMarkdown } from '../../ocr/markdown';
import type { PageResult } from '../../ocr/pageResult';
import { documentResult, type PageLine, pageLine, parsePages } from './pageLine';
import type { BatchStore } from './store';
import { documentSchema, parseLines } from './schemas';

/** Pages of a long document that are written before it is done: at most so many are read twice after a kill. An own choice. */
const CHECKPOINT_PAGES = 25;
/** A document of this many pages or fewer is read anew: two checkpoints would cost more than they keep. */
const SHORT_DOCUMENT_PAGES = 50;

/** A document that is being read. */
export interface OpenDocument {
  readonly document: BatchDocument;
  /** Pages that an earlier attempt left, by number. */
  readonly kept: ReadonlyMap<number, PageLine>;
}

/** One block on its way: what is done of it is found out first, and its result is written when the last document is. */
export interface BlockReading {
  readonly block: Block;
  /** Documents that are still to be read, in order. */
  readonly left: readonly OpenDocument[];
  /** A page of one of them, in order; true when it was its document's last. */
  add(document: OpenDocument, result: PageResult, at: Date): Promise<boolean>;
  /** A document that cannot be read page by page, with the one result that says why. */
  fail(document: OpenDocument, result: PageResult, at: Date): Promise<void>;
  /** A document whose every page an earlier attempt left. */
  finish(document: OpenDocument): Promise<void>;
}

export async function openBlock(store: BatchStore, manifest: Manifest, block: Block): Promise<BlockReading> {
  const { prefix } = placeOf(manifest.out, 'out');
  const inputPrefix = placeOf(manifest.input, 'input').prefix;
  const objects = batchObjects(prefix);
  const named = (name: string) => resultNames(prefix, inputPrefix, name);
  const content = await store.read(objects.block(block.id));
  const documents = parseLines(content?.toString('utf8') ?? '', documentSchema);
  const written = await namesIn(store, { prefix, ...rangeOf(block, named) });
  const parts = await partsOf(store, objects.parts(block.id));
  const results = new Map<string, DocumentResult>();
  const left: OpenDocument[] = [];

  for (const [index, document] of documents.entries()) {
    const known = written.has(named(document.name).jsonl) ? await readResult(document) : undefined;
    if (known) results.set(document.name, known);
    else left.push({ document, kept: await keptPages(parts.get(index) ?? [], document) });
  }
  const unsaved = new Map<OpenDocument, { lines: PageLine[]; saved: number; parts: string[] }>(
    left.map((open) => [
      open,
      {
        lines: [...open.kept.values()],
        saved: open.kept.size,
        parts: parts.get(documents.indexOf(open.document)) ?? [],
      },
    ]),
  );
  await writeBlock();

  /** What stands there from an earlier attempt; undefined where it is another version's. The Markdown may be missing: it came second. */
  async function readResult(document: BatchDocument): Promise<DocumentResult | undefined> {
    const names = named(document.name);
    const text = (await store.read(names.jsonl))?.toString('utf8') ?? '';
    const pages = parsePages(text);
    if (pages[0]?.generation !== document.generation) {
      await store.remove(names.jsonl);
      return undefined;
    }
    if (!written.has(names.markdown)) await store.replace(names.markdown, documentMarkdown(pages));
    return documentResult(document, pages, { ...names, sha256: sha256(text) });
  }

  async function keptPages(
    names: readonly string[],
    { generation }: BatchDocument,
  ): Promise<ReadonlyMap<number, PageLine>> {
    const pages = new Map<number, PageLine>();
    for (const name of names)
      for (const page of parsePages((await store.read(name))?.toString('utf8') ?? ''))
        if (page.generation === generation) pages.set(page.page, page);
    return pages;
  }

  async function checkpoint(open: OpenDocument, pages: number): Promise<void> {
    const state = unsaved.get(open)!;
    const fresh = state.lines.length - state.saved;
    if (pages <= SHORT_DOCUMENT_PAGES || fresh < CHECKPOINT_PAGES || state.lines.length === pages) return;
    const part = state.lines.slice(state.saved);
    const name = objects.part(block.id, documents.indexOf(open.document), part[0]!.page);
    await putNew(store, name, lines(part));
    state.parts.push(name);
    state.saved = state.lines.length;
  }

  /** The JSON Lines are the result; whoever writes them first has read the document, and the Markdown follows from them. */
  async function write(open: OpenDocument): Promise<void> {
    const { document } = open;
    const state = unsaved.get(open)!;
    const names = named(document.name);
    const sorted = [...state.lines].sort((one, other) => one.page - other.page);
    const standing = await store.add(names.jsonl, lines(sorted));
    const pages = parsePages(standing);
    await putNew(store, names.markdown, documentMarkdown(pages));
    for (const name of state.parts) await store.remove(name);
    unsaved.delete(open);
    results.set(document.name, documentResult(document, pages, { ...names, sha256: sha256(standing) }));
    await writeBlock();
  }

  async function writeBlock(): Promise<void> {
    if (results.size < documents.length) return;
    await store.add(objects.result(block.id), lines(documents.map(({ name }) => results.get(name))));
  }

  const add = (open: OpenDocument, result: PageResult, at: Date) =>
    unsaved.get(open)!.lines.push(pageLine(result, open.document.generation, at, manifest.service));

  return {
    block,
    left,
    async add(open, result, at) {
      add(open, result, at);
      const isWhole = result.page === 0 || unsaved.get(open)!.lines.length >= result.pages;
      if (isWhole) await write(open);
      else await checkpoint(open, result.pages);
      return isWhole;
    },
    async fail(open, result, at) {
      unsaved.get(open)!.lines.length = 0;
      add(open, result, at);
      await write(open);
    },
    finish: write,
  };
}

/** Writes what most often is not there yet: one operation then, where a replacement takes two. */
async function putNew(store: BatchStore, name: string, content: string): Promise<void> {
  if ((await store.add(name, content)) !== content) await store.replace(name, content);
}

/** True where an earlier attempt left every page. */
export function isComplete({ kept }: OpenDocument): boolean {
  const [page] = kept.values();
  return page !== undefined && kept.size === page.pages;
}

const rangeOf = ({ first, last }: Block, named: (name: string) => { jsonl: string; markdown: string }) => {
  const result = (name: string) => named(name).jsonl.replace(/\.jsonl$/, '');
  return resultRange(result(first), result(last));
};

async function namesIn(store: BatchStore, range: Parameters<BatchStore['list']>[0]): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const page of store.list(range)) for (const { name } of page) names.add(name);
  return names;
}

/** Objects of parts, by the document's place in its block. */
async function partsOf(store: BatchStore, prefix: string): Promise<Map<number, string[]>> {
  const parts = new Map<number, string[]>();
  for (const name of await namesIn(store, { prefix })) {
    const index = Number(name.slice(prefix.length).split('/')[0]);
    parts.set(index, [...(parts.get(index) ?? []), name]);
  }
  return parts;
}
