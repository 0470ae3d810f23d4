import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { Failure } from '../../domain/failure';
import { type BatchOptions, readDocuments } from '../../ocr/batch';
import type { PreparedPage } from '../../ocr/page';
import type { PageResult } from '../../ocr/pageResult';
import type { PageReading } from '../../ocr/reader';
import { encryptedPdf, pdfOf } from './documents';

const READ: PageReading = {
  text: 'read',
  finishReason: 'stop',
  imageTokens: 100,
  completionTokens: 1,
  seconds: 1,
  status: 'whole',
  attempts: 1,
  warnings: [],
};
const failure = (code: string) =>
  new Failure({ code, message: 'No.', where: 'https://ocr.invalid', remedy: 'none', exitCode: 1 });

/** Small pictures: what is in them is not looked at here. */
const SMALL = { longestSidePixels: 60 };

let scanned: Buffer;
let mixed: Buffer;
beforeAll(async () => {
  scanned = await pdfOf(Array.from({ length: 12 }, () => 'scanned' as const));
  mixed = await pdfOf(['digital', 'scanned', 'digital']);
});

/** A reader whose pages end when the test says so. */
function heldReader() {
  const waiting: { resolve(): void; reject(error: Error): void }[] = [];
  const started: PreparedPage[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const read = (page: PreparedPage, signal?: AbortSignal) =>
    new Promise<PageReading>((resolve, reject) => {
      started.push(page);
      signals.push(signal);
      waiting.push({ resolve: () => resolve(READ), reject });
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  return { reader: { read }, waiting, started, signals };
}
const instant = (read: () => Promise<PageReading> = async () => READ) => ({ read: jest.fn(read) });

async function all(sources: readonly (Buffer | string)[], options: BatchOptions): Promise<PageResult[]> {
  const results: PageResult[] = [];
  for await (const result of readDocuments(sources, { ...SMALL, ...options })) results.push(result);
  return results;
}
/** Gives these, and then nothing more without an end; so do its iterators. */
const still = <T>(...first: readonly T[]) => {
  const given = [...first];
  const next = async (): Promise<IteratorResult<T, undefined>> =>
    given.length > 0 ? { value: given.shift() as T } : new Promise<never>(() => undefined);
  return { next, [Symbol.asyncIterator]: () => ({ next }) };
};
const until = async (condition: () => boolean) => {
  while (!condition()) await turn();
};
const settle = async () => {
  for (let at = 0; at < 200; at++) await turn();
};

describe('readDocuments', () => {
  test('gives pages in order, with the way each went', async () => {
    const results = await all([mixed, scanned], { reader: instant() });
    expect(results.map(({ page }) => page)).toEqual([1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(results.slice(0, 3).map(({ source, attempts }) => [source, attempts])).toEqual([
      ['text-layer', 0],
      ['ocr', 1],
      ['text-layer', 0],
    ]);
    expect(results[1]).toMatchObject({ pages: 3, status: 'whole', why: 'no text layer', text: 'read' });
  });

  test('keeps the order however pages end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...Array(12).keys()], { minLength: 12 }), async (order) => {
        let next = 0;
        const turns = order.map((place) => place);
        const read = async () => {
          const mine = turns[next++] as number;
          for (let at = 0; at < mine; at++) await turn();
          return { ...READ, text: String(mine) };
        };
        const results = await all([scanned], { reader: { read }, window: 5 });
        expect(results.map(({ page }) => page)).toEqual([...Array(12).keys()].map((at) => at + 1));
      }),
      { numRuns: 5 },
    );
  });

  test('has as many requests under way as the window, no fewer and no more', async () => {
    const { reader, waiting, started } = heldReader();
    const finished = all([scanned], { reader, window: 4 });
    await until(() => started.length === 4);
    await settle();
    expect(started).toHaveLength(4);
    waiting[2]?.resolve();
    await until(() => started.length === 5);
    for (let at = 0; at < 12; at++) {
      await until(() => waiting.length > at);
      waiting[at]?.resolve();
    }
    expect(await finished).toHaveLength(12);
  });

  test('renders no further than the window when nobody takes results', async () => {
    const read = jest.fn(async () => READ);
    const iterator = readDocuments([scanned, scanned, scanned], {
      ...SMALL,
      reader: { read },
      window: 2,
    });
    await iterator.next();
    await settle();
    await new Promise((resolve) => setTimeout(resolve, 300));
    // Four windows may wait, one page is rendered, one was taken.
    expect(read.mock.calls.length).toBeLessThanOrEqual(4 * 2 + 2);
    await iterator.return();
  });

  test.each(['OVERLOADED', 'SERVICE_ERROR', 'BAD_ANSWER', 'REQUEST_REFUSED', 'PAGE_EXCEEDS_CONTEXT'])(
    'loses one page to %s and no other',
    async (code) => {
      let pages = 0;
      const read = async () => {
        if (++pages === 3) throw Object.assign(failure(code), { attempts: 3, seconds: 7 });
        return READ;
      };
      const results = await all([scanned], { reader: { read }, window: 1 });
      expect(results.filter(({ status }) => status === 'failed')).toMatchObject([
        { page: 3, attempts: 3, seconds: 7, text: '', error: { code } },
      ]);
      expect(results).toHaveLength(12);
    },
  );

  test('reports a document that cannot be opened, and goes on with the next', async () => {
    const results = await all([encryptedPdf(), 'no-such-file.pdf', mixed], { reader: instant() });
    expect(results.map(({ page, error }) => [page, error?.code])).toEqual([
      [0, 'ENCRYPTED_DOCUMENT'],
      [0, 'UNREADABLE_DOCUMENT'],
      [1, undefined],
      [2, undefined],
      [3, undefined],
    ]);
    expect(results[1]?.document).toBe('no-such-file.pdf');
  });

  test('loses one document to a stream that breaks off, and no other', async () => {
    async function* broken() {
      yield scanned.subarray(0, 100);
      throw new Error('ECONNRESET');
    }
    const results: PageResult[] = [];
    const sources = [{ name: 'broken.pdf', content: broken() }, mixed];
    for await (const result of readDocuments(sources, { ...SMALL, reader: instant() })) results.push(result);
    expect(results.map(({ error }) => error?.code)).toEqual([
      'UNREADABLE_DOCUMENT',
      undefined,
      undefined,
      undefined,
    ]);
  });

  describe.each([
    ['a stream stands still', (...first: Buffer[]) => [...first, still<Buffer>()]],
    ['the next document does not come', (...first: Buffer[]) => still(...first)],
  ])('when %s', (_what, sources) => {
    test('ends with its signal', async () => {
      const abort = new AbortController();
      const options = { ...SMALL, reader: instant(), signal: abort.signal };
      const reading = readDocuments(sources(), options).next();
      setImmediate(() => abort.abort(new Error('superseded')));
      await expect(reading).rejects.toThrow('superseded');
    });

    test('ends with its consumer', async () => {
      for await (const result of readDocuments(sources(mixed), { ...SMALL, reader: instant() })) {
        if (result.page < result.pages) continue;
        await turn(); // the next document is waited for
        break;
      }
    });
  });

  test('tells the source of documents that no more are wanted, and waits for none', async () => {
    const ended = jest.fn();
    const source = { ...still(mixed), return: ended };
    const sources = { [Symbol.asyncIterator]: () => source };
    for await (const result of readDocuments(sources, { ...SMALL, reader: instant() })) {
      expect(result.page).toBe(1);
      break;
    }
    expect(ended).toHaveBeenCalledTimes(1);
  });

  test.each([0, -1, 1.5, NaN])('rejects a window of %d instead of standing still', async (window) => {
    await expect(all([mixed], { reader: instant(), window })).rejects.toMatchObject({ code: 'BAD_OPTION' });
  });

  test.each(['NO_IDENTITY_TOKEN', 'NOT_AUTHORISED', 'COLD_START_OVER_BUDGET', 'CIRCUIT_OPEN'])(
    'rejects with %s: every page would have it',
    async (code) => {
      const reader = instant(() => Promise.reject(failure(code)));
      await expect(all([scanned], { reader, window: 2 })).rejects.toMatchObject({ code });
      expect(reader.read.mock.calls.length).toBeLessThan(12);
    },
  );

  test('rejects a longest side that no page has, once for all', async () => {
    const options = { reader: instant(), longestSidePixels: NaN };
    await expect(all([mixed], options)).rejects.toMatchObject({ code: 'BAD_OPTION' });
  });

  test('rejects with a defect of the reader instead of hiding it in a page', async () => {
    const reader = instant(() => Promise.reject(new TypeError('a bug')));
    await expect(all([scanned], { reader })).rejects.toThrow('a bug');
  });

  test('rejects when what is called for a page fails: output that is lost must not go unseen', async () => {
    const onPage = () => {
      throw new Error('no space left');
    };
    await expect(all([scanned], { reader: instant(), onPage })).rejects.toThrow('no space left');
  });

  test("rejects with the signal's reason, and gives up what is under way", async () => {
    const abort = new AbortController();
    const { reader, started, signals } = heldReader();
    const finished = all([scanned], { reader, window: 3, signal: abort.signal });
    await until(() => started.length === 3);
    abort.abort(new Error('superseded'));
    await expect(finished).rejects.toThrow('superseded');
    expect(signals.every((signal) => signal?.aborted)).toBe(true);
    expect(started.length).toBeLessThan(12);
  });

  test('gives up what is under way when the consumer stops', async () => {
    const { reader, waiting, signals, started } = heldReader();
    for await (const result of readDocuments([mixed, scanned], { ...SMALL, reader, window: 3 })) {
      expect(result.page).toBe(1);
      break;
    }
    await settle();
    expect(signals.every((signal) => signal?.aborted)).toBe(true);
    expect(waiting.length).toBe(started.length);
  });

  test('skips pages, and renders none of them', async () => {
    const reader = instant();
    const results = await all([scanned], { reader, skip: (_document, page) => page !== 7 });
    expect(results.map(({ page }) => page)).toEqual([7]);
    expect(reader.read).toHaveBeenCalledTimes(1);
  });

  test('tells of documents and pages as they come', async () => {
    const onDocument = jest.fn();
    const onPage = jest.fn();
    await all([mixed], { reader: instant(), onDocument, onPage });
    expect(onDocument.mock.calls).toEqual([[expect.objectContaining({ pageCount: 3 })]]);
    expect(onPage).toHaveBeenCalledTimes(3);
  });
});
