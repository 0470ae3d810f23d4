import { getEventListeners } from 'node:events';
import { DEFAULT_LIMITS } from '../../ocr/limits';
import { createPdfPool } from '../../ocr/pdfPool';
import { busyPdf, pdfOf } from './documents';

const HOW = { longestSidePixels: 1540, forceOcr: true };
const file = (bytes: Buffer, name: string) => ({ bytes, name, limits: DEFAULT_LIMITS, password: undefined });
/** A page of many squares: seconds of drawing, and harmless. */
const slow = busyPdf(90_000);

describe('createPdfPool', () => {
  test('a page over its time ends alone, in its own thread', async () => {
    const hurry = new AbortController();
    let deadlines = 0;
    const pool = createPdfPool({
      size: 2,
      deadline: () => ({
        signal: ++deadlines === 2 ? hurry.signal : new AbortController().signal,
        end: () => undefined,
      }),
    });
    const document = await pool.open(file(slow, 'slow.pdf'));
    const late = document.page(1, HOW);
    const other = await pool.open(file(await pdfOf(['digital']), 'other.pdf'));
    expect(await other.page(1, HOW)).toMatchObject({ kind: 'image' });
    hurry.abort();
    await expect(late).rejects.toMatchObject({
      code: 'PAGE_OVER_BOUNDS',
      where: 'slow.pdf, page 1',
      got: 'over 60 s',
    });
    expect(await other.page(1, HOW)).toMatchObject({ kind: 'image' });
  });

  test('a page whose signal fires is given up at once, and the next one is read', async () => {
    const pool = createPdfPool({ size: 1 });
    const document = await pool.open(file(slow, 'slow.pdf'));
    const stop = new AbortController();
    const given = document.page(1, HOW, stop.signal);
    const queued = document.page(1, HOW, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(given).rejects.toThrow('stopped');
    await expect(queued).rejects.toThrow('stopped');
    const other = await pool.open(file(await pdfOf(['digital']), 'other.pdf'));
    expect(await other.page(1, HOW)).toMatchObject({ kind: 'image' });
  });

  test('leaves nothing on the signal of a batch, which would keep every page that was drawn', async () => {
    const { signal } = new AbortController();
    const pool = createPdfPool({ size: 1 });
    const document = await pool.open(file(await pdfOf(['digital']), 'one.pdf'), signal);
    await Promise.all([document.page(1, HOW, signal), document.page(1, HOW, signal)]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('a page that takes too much memory fails, and the others are read', async () => {
    const pool = createPdfPool({ size: 1 });
    const limits = { ...DEFAULT_LIMITS, maxPdfMemoryBytes: 20 * 2 ** 20 };
    const document = await pool.open({ ...file(await pdfOf(['scanned', 'digital']), 'scan.pdf'), limits });
    await expect(document.page(1, { ...HOW, longestSidePixels: 6000 })).rejects.toMatchObject({
      code: 'PAGE_OVER_BOUNDS',
    });
    expect(await document.page(2, { ...HOW, longestSidePixels: 100 })).toMatchObject({ kind: 'image' });
  });

  test('the pages of one document are read by as many threads as there are', async () => {
    const pool = createPdfPool({ size: 2 });
    const document = await pool.open(file(await pdfOf(['digital', 'scanned', 'digital']), 'three.pdf'));
    const pages = await Promise.all(
      [1, 2, 3].map((number) => document.page(number, { ...HOW, forceOcr: false })),
    );
    expect(pages.map(({ kind }) => kind)).toEqual(['text', 'image', 'text']);
    document.close();
  });
});
