import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ocrOutput, type OutputOptions } from '../../bin/ocrOutput';
import type { Failure } from '../../domain/failure';
import type { PageResult } from '../../ocr/pageResult';

const folder = mkdtempSync(join(tmpdir(), 'ocr-output-'));
afterAll(() => rmSync(folder, { recursive: true }));
let out: string;
let outs = 0;
beforeEach(() => (out = join(folder, String(++outs))));

const FILES = ['in/a.pdf', 'other/a.pdf'];
const page = (document: string, number: number, text = `text of ${number}`): PageResult => ({
  document,
  sha256: document,
  page: number,
  pages: 2,
  status: 'whole',
  source: 'ocr',
  why: 'no text layer',
  text,
  completionTokens: 5,
  seconds: 1,
  attempts: 1,
  warnings: [],
});
const PAGES = FILES.flatMap((file) => [page(file, 1), page(file, 2)]);

function written(options: OutputOptions): string {
  let printed = '';
  const output = ocrOutput(options, FILES, (text) => (printed += text));
  for (const result of [...PAGES].reverse()) output.done(result);
  for (const result of PAGES) output.next(result);
  output.finish();
  return printed;
}
const files = () =>
  Object.fromEntries(readdirSync(out).map((name) => [name, readFileSync(join(out, name), 'utf8')]));

describe('ocrOutput', () => {
  test('prints Markdown, a document after the other', () => {
    const one = 'text of 1\n\n---\n\ntext of 2\n';
    expect(written({ format: 'markdown' })).toBe(one + one);
  });

  test('writes a Markdown file a document; equal names do not overwrite each other', () => {
    expect(written({ format: 'markdown', out })).toBe('');
    expect(Object.keys(files())).toEqual(['a.pdf-2.md', 'a.pdf.md']);
  });

  test('writes a Markdown file a page', () => {
    written({ format: 'markdown', out, perPage: true });
    expect(files()).toMatchObject({ 'a.pdf-0002.md': 'text of 2\n', 'a.pdf-2-0001.md': 'text of 1\n' });
  });

  test('prints one JSON with summary and pages', () => {
    const { summary, pages } = JSON.parse(written({ format: 'json' })) as {
      summary: object;
      pages: object[];
    };
    expect(summary).toMatchObject({
      documents: 2,
      pages: 4,
      whole: 4,
      fromOcr: 4,
      failed: 0,
      completionTokens: 20,
    });
    expect(pages).toEqual(PAGES);
  });

  test('prints JSON Lines in order', () => {
    const lines = written({ format: 'jsonl' }).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(PAGES);
  });

  test('writes JSON Lines as pages are done, in order in the end, and knows them when it resumes', () => {
    written({ format: 'jsonl', out });
    expect(readFileSync(out, 'utf8')).toBe(PAGES.map((result) => `${JSON.stringify(result)}\n`).join(''));
    const resumed = ocrOutput({ format: 'jsonl', out, resume: true }, FILES, () => undefined);
    expect(resumed.kept().pages).toBe(4);
    expect(resumed.skip({ name: FILES[1] as string, sha256: FILES[1] as string }, 2)).toBe(true);
  });

  test('gives every document a file of its own, whatever they are called', () => {
    const names = ['in/a.pdf', 'other/a.pdf', 'a.pdf-2', 'third/a.pdf'];
    const output = ocrOutput({ format: 'markdown', out }, names, () => undefined);
    for (const name of names) output.next({ ...page(name, 1, name), pages: 1 });
    output.finish();
    expect(Object.values(files()).sort()).toEqual(names.map((name) => `${name}\n`).sort());
  });

  test.each(['json', 'jsonl', 'markdown'] as const)('makes the folder of its %s output', (format) => {
    written({ format, out: join(out, 'deep', 'x') });
    expect(readdirSync(join(out, 'deep'))).toEqual(['x']);
  });

  test.each(['json', 'jsonl', 'markdown'] as const)(
    'rejects a place for %s before a page is read',
    (format) => {
      const place = format === 'markdown' ? join(out, 'a-file') : out;
      mkdirSync(out);
      if (format === 'markdown') writeFileSync(place, 'a file');
      expect(() =>
        ocrOutput({ format, out: place, resume: format === 'jsonl' }, FILES, () => undefined),
      ).toThrow(expect.objectContaining({ code: 'OUTPUT_NOT_WRITABLE', where: place, exitCode: 2 }));
    },
  );

  test('leaves an earlier JSON as it is until there is another', () => {
    mkdirSync(out);
    const file = join(out, 'x.json');
    writeFileSync(file, 'earlier');
    const output = ocrOutput({ format: 'json', out: file }, FILES, () => undefined);
    expect(readFileSync(file, 'utf8')).toBe('earlier');
    output.finish();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pages: [] });
  });

  test.each(['json', 'jsonl'] as const)('rejects a device for %s: a file would take its place', (format) => {
    mkdirSync(out);
    const link = join(out, 'link');
    symlinkSync('/dev/null', link);
    expect(() =>
      ocrOutput({ format, out: link, resume: format === 'jsonl' }, FILES, () => undefined),
    ).toThrow(expect.objectContaining({ code: 'OUTPUT_NOT_WRITABLE', got: 'a folder, a device or a pipe' }));
    expect(readdirSync(out)).toEqual(['link']);
  });

  test.each(['json', 'jsonl'] as const)('writes %s into the file that a link names', (format) => {
    mkdirSync(out);
    const [file, link] = [join(out, 'file'), join(out, 'link')];
    writeFileSync(file, '');
    symlinkSync(file, link);
    written({ format, out: link });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain('text of 1');
  });

  test.each(['json', 'jsonl'] as const)(
    'writes %s where a link names a file that is not there yet',
    (format) => {
      mkdirSync(join(out, 'there'), { recursive: true });
      const [file, link, linkToLink] = [join(out, 'there', 'file'), join(out, 'link'), join(out, 'link2')];
      symlinkSync('there/file', link);
      symlinkSync('link', linkToLink);
      written({ format, out: linkToLink });
      for (const each of [link, linkToLink]) expect(lstatSync(each).isSymbolicLink()).toBe(true);
      expect(readFileSync(file, 'utf8')).toContain('text of 1');
    },
  );

  test.each(['json', 'jsonl'] as const)('rejects links in a circle for %s', (format) => {
    mkdirSync(out);
    symlinkSync('a', join(out, 'b'));
    symlinkSync('b', join(out, 'a'));
    expect(() => ocrOutput({ format, out: join(out, 'a') }, FILES, () => undefined)).toThrow(
      expect.objectContaining({ code: 'OUTPUT_NOT_WRITABLE' }),
    );
  });

  test.each(['json', 'jsonl', 'markdown'] as const)(
    'rejects a folder in which %s cannot be replaced before a page is read',
    (format) => {
      const place = format === 'markdown' ? join(out, 'a.pdf.md') : join(out, 'x');
      mkdirSync(`${place}.next`, { recursive: true });
      const options = { format, out: format === 'markdown' ? out : place };
      expect(() => ocrOutput(options, FILES, () => undefined)).toThrow(
        expect.objectContaining({ code: 'OUTPUT_NOT_WRITABLE', where: place }),
      );
    },
  );

  test.each(['json', 'markdown'] as const)(
    'keeps %s that cannot be written in the end elsewhere, and says where',
    (format) => {
      const place = format === 'markdown' ? join(out, 'a.pdf.md') : join(out, 'x');
      const output = ocrOutput({ format, out: format === 'markdown' ? out : place }, FILES, () => undefined);
      mkdirSync(`${place}.next`);
      for (const result of PAGES) output.next(result);
      let remedy = '';
      try {
        output.finish();
      } catch (error) {
        expect(error).toMatchObject({ code: 'OUTPUT_NOT_WRITABLE', where: place });
        ({ remedy } = error as Failure);
      }
      const elsewhere = /is in (\S+):/.exec(remedy)?.[1] ?? '';
      expect(readFileSync(join(elsewhere, basename(place)), 'utf8')).toContain('text of 2');
      rmSync(elsewhere, { recursive: true });
      // The other document has its own place.
      if (format === 'markdown') expect(readdirSync(out)).toContain('a.pdf-2.md');
    },
  );

  test.each(['json', 'markdown'] as const)('prints %s that has room nowhere, and says so', (format) => {
    const place = format === 'markdown' ? join(out, 'a.pdf.md') : join(out, 'x');
    let printed = '';
    const output = ocrOutput(
      { format, out: format === 'markdown' ? out : place },
      FILES,
      (text) => (printed += text),
    );
    mkdirSync(`${place}.next`);
    const os = jest.requireActual<{ tmpdir(): string }>('node:os');
    const elsewhere = jest.spyOn(os, 'tmpdir').mockReturnValue(join(out, 'none'));
    try {
      for (const result of PAGES) output.next(result);
      expect(output.refused()).toBe(format === 'markdown');
      expect(output.finish).toThrow(
        expect.objectContaining({
          code: 'OUTPUT_NOT_WRITABLE',
          where: place,
          remedy: expect.stringContaining('was printed to standard output'),
        }),
      );
    } finally {
      elsewhere.mockRestore();
    }
    expect(printed).toContain('text of 2');
  });

  test.each<[what: string, options: OutputOptions]>([
    ['--resume without JSON Lines', { format: 'markdown', out: 'x', resume: true }],
    ['--resume without a file', { format: 'jsonl', resume: true }],
    ['--per-page without a folder', { format: 'markdown', perPage: true }],
    ['--per-page with JSON', { format: 'json', out: 'x', perPage: true }],
  ])('rejects %s', (_what, options) => {
    expect(() => ocrOutput(options, FILES, () => undefined)).toThrow(
      expect.objectContaining({ code: 'USAGE', exitCode: 2 }),
    );
  });
});
