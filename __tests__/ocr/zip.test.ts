import { zipSync } from 'fflate';
import { zipEntries, ZIP_LIMITS } from '../../ocr/zip';

const limits = { ...ZIP_LIMITS, maxFileBytes: 10_000 };
const bytes = (text: string) => Buffer.from(text);

describe('zipEntries', () => {
  test('lists files by name, without folders and what is hidden', () => {
    const zip = zipSync({
      'b.pdf': bytes('b'),
      'a/c.png': bytes('c'),
      '__MACOSX/b.pdf': bytes('x'),
      'a/.DS_Store': bytes('x'),
    });
    const entries = zipEntries(zip, 'post.zip', limits)!;
    expect(entries.map(({ name }) => name)).toEqual(['a/c.png', 'b.pdf']);
    expect(Buffer.from(entries[1]!.content()).toString()).toBe('b');
  });

  test.each(['[Content_Types].xml', 'mimetype'])('takes no document for an archive: one with %s', (name) => {
    expect(zipEntries(zipSync({ [name]: bytes('x') }), 'letter.docx', limits)).toBeUndefined();
  });

  test('takes no other file for an archive', () => {
    expect(zipEntries(bytes('%PDF-1.7'), 'a.pdf', limits)).toBeUndefined();
  });

  test.each<[what: string, over: object]>([
    ['more files', { maxEntries: 1 }],
    ['more bytes together', { maxTotalBytes: 5999 }],
  ])('rejects %s than its limit', (_what, over) => {
    const zip = zipSync({ a: Buffer.alloc(3000), b: Buffer.alloc(3000) });
    expect(() => zipEntries(zip, 'post.zip', { ...limits, ...over })).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_TOO_LARGE' }),
    );
  });

  test.each<[what: string, over: object]>([
    ['a file that is too large', { maxFileBytes: 2999 }],
    ['a file that grows too much', { maxRatio: 100 }],
  ])('rejects %s, and it alone', (_what, over) => {
    const zip = zipSync({ large: Buffer.alloc(3000), small: bytes('s') });
    const [large, small] = zipEntries(zip, 'post.zip', { ...limits, ...over })!;
    expect(() => large!.content()).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_TOO_LARGE', where: 'post.zip/large' }),
    );
    expect(Buffer.from(small!.content()).toString()).toBe('s');
  });

  test('rejects an archive that is cut off', () => {
    const zip = zipSync({ a: Buffer.alloc(3000) });
    expect(() => zipEntries(zip.subarray(0, 60), 'post.zip', limits)).toThrow(
      expect.objectContaining({ code: 'UNREADABLE_DOCUMENT' }),
    );
  });
});
