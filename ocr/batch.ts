import { setMaxListeners } from 'node:events';
import { bulkhead } from 'cockatiel';
import { Failure } from '../domain/failure';
import { inOrder, type Begun } from './inOrder';
import { badOption } from './badOption';
import {
  type DocumentOptions,
  type DocumentSource,
  nameOf,
  openDocument,
  type OcrDocument,
} from './document';
import { needLongestSide, type PreparedPage } from './page';
import { sharedPdfPool } from './pdfPool';
import { pageError, type PageResult } from './pageResult';
import type { PageReader } from './reader';
import { readSlices } from './readSlices';
import { effortOf } from './request';
import { eachUnlessAborted } from './unlessAborted';

export interface BatchOptions extends DocumentOptions {
  readonly reader: Pick<PageReader, 'read'>;
  /** Requests at a time; default 8, what one instance decodes together (`vllm.maxNumSeqs` × instances). */
  readonly window?: number;
  /** Reads the files that are embedded in a PDF too, each as a document of its own, `scan.pdf/NAME`, behind it. Default false. */
  readonly attachments?: boolean;
  /** Pages that need not be read, and do not appear among the results: `--resume`. */
  readonly skip?: (document: Pick<OcrDocument, 'name' | 'sha256'>, page: number) => boolean;
  /** Called when a document is open; a bar needs to know how much there is. */
  readonly onDocument?: (document: Pick<OcrDocument, 'name' | 'sha256' | 'pageCount'>) => void;
  /** Called with each picture before it is sent: a page, or the slices of a long one, numbers from 1. A dense page's halves are parts of it. */
  readonly onPicture?: (
    page: { readonly document: string; readonly page: number; readonly slice?: number },
    picture: PreparedPage,
  ) => void;
  /** Called as soon as a page is done, in whatever order; results come in the documents' order. */
  readonly onPage?: (result: PageResult) => void;
}

/** Failures that every other page would have too: they end the batch. All others are a result of their page. */
const ENDS_BATCH = [
  'NO_IDENTITY_TOKEN',
  'NOT_AUTHORISED',
  'MODEL_NOT_SERVED',
  'COLD_START_OVER_BUDGET',
  'CIRCUIT_OPEN',
];

/** Pages that are drawn at the same time: as many as threads draw PDFs. */
const PAGES_AT_A_TIME = sharedPdfPool().size;

/** Finished pages that wait for a slower one before them, in windows; what a consumer that stands still leaves in memory. */
const AHEAD = 4;

/**
 * Reads documents page by page; results in order. At most `window` requests are under way, and half as many pages more
 * are rendered: answers come in bursts, and a slot that waits for a rendering is lost time (one page ahead gave 0.82 of a bare
 * loop's rate). Memory does not grow with the number of pages; a consumer that takes no results stops the rendering too.
 * One page or document that fails is a result with `status: 'failed'`.
 * @throws Failure BAD_OPTION for a window or longest side that cannot be; NO_IDENTITY_TOKEN, NOT_AUTHORISED, MODEL_NOT_SERVED,
 * COLD_START_OVER_BUDGET or CIRCUIT_OPEN: every other page would have it too; the signal's reason. Pages under way are given
 * up then, and when the consumer stops early.
 */
export async function* readDocuments(
  sources: Iterable<DocumentSource> | AsyncIterable<DocumentSource>,
  options: BatchOptions,
): AsyncGenerator<PageResult, void, undefined> {
  const { window = 8 } = options;
  if (!Number.isInteger(window) || window < 1)
    throw badOption('window', window, 'a whole number of requests from 1: vllm.maxNumSeqs × instances');
  if (options.longestSidePixels !== undefined) needLongestSide(options.longestSidePixels);
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  // Every page under way listens: that is no leak.
  setMaxListeners(0, signal);
  const slots = bulkhead(window, Math.ceil(window / 2));
  const results: Promise<PageResult>[] = [];
  const wakers = new Set<() => void>();
  const wake = () => {
    for (const waker of wakers) waker();
    wakers.clear();
  };
  const changed = () => new Promise<void>((resolve) => wakers.add(resolve));
  let ended = false;

  /** A result that is never taken must not count as an unhandled rejection. */
  const keep = (result: Promise<PageResult>) => {
    result.catch(() => undefined);
    results.push(result);
  };

  const start = (page: () => Promise<PageResult>) =>
    keep(
      slots.execute(async () => {
        wake(); // there is room for one more rendered page
        signal.throwIfAborted();
        const done = await page();
        options.onPage?.(done);
        return done;
      }),
    );

  const pump = async () => {
    for await (const work of inOrder(pagesOf(sources, options, signal), PAGES_AT_A_TIME)) {
      while (results.length >= AHEAD * window || slots.executionSlots + slots.queueSlots === 0)
        await changed();
      start(work);
      wake();
    }
  };
  const pumping = pump()
    .catch((error: unknown) => keep(Promise.reject(error as Error)))
    .finally(() => {
      ended = true;
      wake();
    });

  try {
    for (;;) {
      while (results.length === 0 && !ended) await changed();
      const next = results[0];
      if (next === undefined) return;
      const result = await next;
      void results.shift();
      wake();
      yield result;
    }
  } finally {
    stop.abort(new DOMException('the batch has ended', 'AbortError'));
    results.length = 0;
    wake();
    await pumping;
  }
}

/** What is left to do for a page once it is drawn. */
type Work = () => Promise<PageResult>;

/** Files in files in files: deeper ones are listed in a warning alone. */
const MOST_DEPTH = 3;

/** Begins the making of each page in turn; a document is open until the last of its pages is made. */
async function* pagesOf(
  sources: Iterable<DocumentSource> | AsyncIterable<DocumentSource>,
  options: BatchOptions,
  signal: AbortSignal,
  depth = 0,
): AsyncGenerator<Begun<Work>> {
  for await (const source of eachUnlessAborted(sources, signal)) {
    let document: OcrDocument;
    try {
      document = await openDocument(source, { ...options, signal });
    } catch (error) {
      const name = nameOf(source) ?? 'a document';
      const about = { document: name, sha256: '', page: 0, pages: 0 };
      const result = failed(about, error);
      yield { done: Promise.resolve(async () => result) };
      continue;
    }
    options.onDocument?.(document);
    const made: Promise<Work>[] = [];
    try {
      for (let page = 1; page <= document.pageCount; page++) {
        signal.throwIfAborted();
        if (options.skip?.(document, page)) continue;
        const work = workOf(document, page, options, signal);
        made.push(work);
        if (made.length > PAGES_AT_A_TIME) void made.shift();
        yield { done: work };
      }
      if (options.attachments && depth < MOST_DEPTH)
        yield* pagesOf(embeddedIn(document, signal), options, signal, depth + 1);
    } finally {
      void Promise.allSettled(made).then(document.close);
    }
  }
}

/** Embedded files as documents; one that cannot be read fails alone. */
function* embeddedIn({ name, attachments, attachment }: OcrDocument, signal: AbortSignal) {
  for (const [at, file] of attachments.entries())
    yield {
      name: `${name}/${file}${attachments.indexOf(file) < at ? ` (${at + 1})` : ''}`,
      content: (async function* () {
        yield await attachment(at, signal);
      })(),
    };
}

/** Draws the page now, so that it is ready when a slot is free, and returns what is left to do in the slot. */
async function workOf(
  { name, sha256, pageCount, page }: OcrDocument,
  number: number,
  { reader, onPicture }: Pick<BatchOptions, 'reader' | 'onPicture'>,
  signal: AbortSignal,
): Promise<() => Promise<PageResult>> {
  const about = { document: name, sha256, page: number, pages: pageCount };
  try {
    const content = await page(number, signal);
    const { why, warnings } = content;
    if (content.kind === 'text') {
      const { text } = content;
      const source = 'text-layer' as const;
      return async () => ({
        ...about,
        status: 'whole',
        source,
        why,
        text,
        seconds: 0,
        attempts: 0,
        warnings,
      });
    }
    return async () => {
      try {
        const place = { document: name, page: number };
        if (content.kind === 'image') onPicture?.(place, content.image);
        else content.slices.forEach((slice, at) => onPicture?.({ ...place, slice: at + 1 }, slice));
        const reading = await (content.kind === 'slices'
          ? readSlices(content.slices, (slice) => reader.read(slice, signal))
          : reader.read(content.image, signal));
        return { ...about, source: 'ocr', why, ...reading, warnings: [...warnings, ...reading.warnings] };
      } catch (error) {
        if (error instanceof Failure && ENDS_BATCH.includes(error.code)) throw error;
        return { ...failed(about, error, why), warnings };
      }
    };
  } catch (error) {
    const result = failed(about, error);
    return async () => result;
  }
}

type About = Pick<PageResult, 'document' | 'sha256' | 'page' | 'pages'>;

/** Anything but a Failure is a defect or the signal, and is thrown on. */
function failed(about: About, error: unknown, why = 'it could not be read'): PageResult {
  if (!(error instanceof Failure)) throw error;
  const rest = { status: 'failed', source: 'ocr', text: '', warnings: [] } as const;
  return { ...about, ...rest, ...effortOf(error), why, error: pageError(error) };
}
