import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Failure } from '../../domain/failure';
import { readDocuments } from '../../ocr/batch';
import { openJsonLines } from '../../ocr/jsonLines';
import type { PageResult } from '../../ocr/pageResult';
import type { PageReading } from '../../ocr/reader';
import { pdfOf } from './documents';

const folder = mkdtempSync(join(tmpdir(), 'json-lines-'));
afterAll(() => rmSync(folder, { recursive: true }));
let file: string;
let files = 0;
beforeEach(() => (file = join(folder, `${++files}.jsonl`)));

const result = (document: string, page: number, rest: Partial<PageResult> = {}): PageResult => ({
  document,
  sha256: `sha of ${document}`,
  page,
  pages: 9,
  status: 'whole',
  source: 'ocr',
  why: 'no text layer',
  text: `Seite ${page}: »ß«\n`,
  seconds: 1,
  attempts: 1,
  warnings: [],
  ...rest,
});
const about = (document: string) => ({ name: document, sha256: `sha of ${document}` });
const pagesIn = () =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as PageResult)
    .map(({ document, page }) => `${document}${page}`);

/** After a collection, which V8 does on demand only when it is told that it may. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
/** Less than a limit is in use, if not at once: what buffers held is given back by another thread, when that has time. */
async function expectInUseLessThan(limit: number): Promise<void> {
  for (let look = 0; look < 600 && memoryInUse() >= limit; look += 1) await sleep(50);
  expect(memoryInUse()).toBeLessThan(limit);
}

describe('openJsonLines', () => {
  test('has a line in the file when add returns', () => {
    const lines = openJsonLines(file);
    lines.add(result('a', 1));
    expect(pagesIn()).toEqual(['a1']);
  });

  test('puts lines in the order of documents and pages when it finishes', () => {
    const lines = openJsonLines(file);
    for (const [document, page] of [
      ['b', 1],
      ['a', 2],
      ['b', 2],
      ['a', 1],
    ] as const)
      lines.add(result(document, page));
    lines.finish(['a', 'b']);
    expect(pagesIn()).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  test('knows the pages of an earlier run by name and content', () => {
    openJsonLines(file).add(result('a', 1));
    const lines = openJsonLines(file, { resume: true });
    expect(lines.kept().pages).toBe(1);
    expect(lines.has(about('a'), 1)).toBe(true);
    expect(lines.has(about('a'), 2)).toBe(false);
    expect(lines.has({ name: 'a', sha256: 'another content' }, 1)).toBe(false);
  });

  test('forgets failed pages, so that they are tried again, and has one line for each in the end', () => {
    const before = openJsonLines(file);
    before.add(result('a', 1, { status: 'failed' }));
    before.add(result('a', 2, { status: 'truncated' }));
    const lines = openJsonLines(file, { resume: true });
    expect([1, 2].map((page) => lines.has(about('a'), page))).toEqual([false, true]);
    lines.add(result('a', 1));
    lines.finish(['a']);
    expect(pagesIn()).toEqual(['a1', 'a2']);
  });

  test('rejects to write over a file', () => {
    openJsonLines(file).add(result('a', 1));
    expect(() => openJsonLines(file)).toThrow(Failure);
    expect(pagesIn()).toEqual(['a1']);
  });

  test('resumes a file whose first line was cut, at its very start too', () => {
    const line = JSON.stringify(result('a', 1));
    for (const at of [...Array(16).keys(), line.length]) {
      writeFileSync(file, Buffer.from(line).subarray(0, at));
      expect(openJsonLines(file, { resume: true }).kept().pages).toBe(0);
    }
  });

  test('counts what is kept and not whole: it is not read again', () => {
    const before = openJsonLines(file);
    before.add(result('a', 1, { status: 'truncated' }));
    before.add(result('a', 2));
    before.add(result('a', 3, { status: 'failed' }));
    expect(openJsonLines(file, { resume: true }).kept()).toMatchObject({ pages: 2, notWhole: 1 });
  });

  test('takes an empty file for none: an earlier run that came to no page', () => {
    openJsonLines(file);
    expect(openJsonLines(file).kept().pages).toBe(0);
  });

  test('drops the pages of a document whose content has changed, and says how many', () => {
    const before = openJsonLines(file);
    for (const page of [1, 2]) before.add(result('a', page, { text: 'old', status: 'truncated' }));
    before.add(result('b', 1));
    const lines = openJsonLines(file, { resume: true });
    expect(lines.has({ name: 'a', sha256: 'new' }, 1)).toBe(false);
    lines.add(result('a', 1, { sha256: 'new', text: 'new' }));
    expect(lines.kept()).toEqual({ pages: 1, notWhole: 0, outdated: 2 });
    lines.finish(['a', 'b']);
    expect(pagesIn()).toEqual(['a1', 'b1']);
    expect(readFileSync(file, 'utf8')).not.toContain('old');
  });

  test.each<[what: string, pages: PageResult[]]>([
    ['no page of it was read', []],
    ['its pages failed', [result('a', 1, { sha256: 'new', status: 'failed' })]],
  ])('keeps the pages of a document that has changed when %s', (_what, pages) => {
    openJsonLines(file).add(result('a', 1, { text: 'old' }));
    const lines = openJsonLines(file, { resume: true });
    lines.has({ name: 'a', sha256: 'new' }, 1);
    pages.forEach(lines.add);
    expect(lines.kept()).toEqual({ pages: 1, notWhole: 0, outdated: 0 });
    lines.finish(['a']);
    expect(readFileSync(file, 'utf8')).toContain('old');
  });

  test('drops pages from before a change that an earlier run has read in part', () => {
    const before = openJsonLines(file);
    before.add(result('a', 1, { text: 'old' }));
    before.add(result('a', 1, { sha256: 'new' }));
    const lines = openJsonLines(file, { resume: true });
    expect(lines.has({ name: 'a', sha256: 'new' }, 1)).toBe(true);
    lines.finish(['a']);
    expect(readFileSync(file, 'utf8')).not.toContain('old');
  });

  test('holds no page from a text layer when OCR is asked for', () => {
    const before = openJsonLines(file);
    before.add(result('a', 1, { source: 'text-layer' }));
    before.add(result('a', 2));
    const lines = openJsonLines(file, { resume: true, forceOcr: true });
    expect([1, 2].map((page) => lines.has(about('a'), page))).toEqual([false, true]);
  });

  test('keeps no text in memory, and reads lines that are larger than it reads at once', async () => {
    const pages = 20;
    const bytes = 3 * 2 ** 20;
    // A text of its own for each page: one string that all share would be in memory once, whoever keeps it.
    const textOf = (page: number) => Buffer.alloc(bytes, `${page} `).toString();
    const lines = openJsonLines(file);
    // A quarter of the texts: what else the test process comes to hold meanwhile is some MiB.
    const limit = memoryInUse() + (pages * bytes) / 4;
    for (let page = pages; page > 0; page -= 1) lines.add(result('a', page, { text: textOf(page) }));
    await expectInUseLessThan(limit);
    lines.finish(['a']);
    const resumed = openJsonLines(file, { resume: true });
    await expectInUseLessThan(limit);
    expect(resumed.kept().pages).toBe(pages);
    expect(pagesIn().slice(0, 3)).toEqual(['a1', 'a2', 'a3']);
  });

  test('rejects a place that cannot be ordered in the end, with every page in the file and nothing beside it', () => {
    const lines = openJsonLines(file);
    lines.add(result('a', 2));
    lines.add(result('a', 1));
    mkdirSync(`${file}.next`);
    expect(() => lines.finish(['a'])).toThrow(
      expect.objectContaining({ code: 'OUTPUT_NOT_WRITABLE', remedy: expect.stringContaining('--resume') }),
    );
    expect(pagesIn()).toEqual(['a2', 'a1']);
  });

  test('rejects a folder that is not there', () => {
    expect(() => openJsonLines(join(folder, 'none', 'x.jsonl'))).toThrow(
      expect.objectContaining({ code: 'OUTPUT_NOT_WRITABLE', exitCode: 2 }),
    );
  });

  test.each(['a letter\n', 'no line break', '{"document":"a","page":1}\nnonsense\n', '[1]\n'])(
    'rejects to resume %j, and leaves it as it is',
    (content) => {
      writeFileSync(file, content);
      expect(() => openJsonLines(file, { resume: true })).toThrow(
        expect.objectContaining({ code: 'NOT_JSON_LINES' }),
      );
      expect(readFileSync(file, 'utf8')).toBe(content);
    },
  );
});

describe('a batch that is killed and resumed', () => {
  const reading = (text: string): PageReading => ({
    text,
    finishReason: 'stop',
    imageTokens: 1,
    completionTokens: 1,
    seconds: 1,
    status: 'whole',
    attempts: 1,
    warnings: [],
  });

  test('ends with the bytes of one run, at whatever byte it was killed, as often as it was', async () => {
    const sources = await Promise.all(
      (['a', 'b'] as const).map(async (name) => ({
        name,
        content: await pdfOf(['digital', 'scanned', 'scanned', 'garbage', 'digital']),
      })),
    );
    /** Pages end out of order; a kill leaves the file cut at some byte. */
    const run = async (target: string, resume: boolean, killAt?: number) => {
      const lines = openJsonLines(target, { resume });
      let asked = 0;
      const read = async () => {
        await new Promise((resolve) => setTimeout(resolve, (asked++ * 7) % 5));
        return reading('read');
      };
      const options = {
        reader: { read },
        longestSidePixels: 40,
        window: 3,
        skip: lines.has,
        onPage: lines.add,
      };
      for await (const _page of readDocuments(sources, options));
      const size = readFileSync(target).length;
      if (killAt === undefined) lines.finish(['a', 'b']);
      else truncateSync(target, Math.floor(size * killAt));
      return asked;
    };
    const whole = `${file}.whole`;
    await run(whole, false);
    const kills = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(kills, async (points) => {
        const target = join(folder, `${++files}.jsonl`);
        for (const point of points) await run(target, true, point);
        await run(target, true);
        expect(readFileSync(target, 'utf8')).toBe(readFileSync(whole, 'utf8'));
        expect(await run(target, true)).toBe(0);
      }),
      { numRuns: 8 },
    );
  });
});
