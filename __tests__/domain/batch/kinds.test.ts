import { documentKind, sizeClass } from '../../../domain/batch/kinds';

describe('documentKind', () => {
  test.each([
    ['a.pdf', undefined, 'pdf'],
    ['A.PDF', 'application/octet-stream', 'pdf'],
    ['fax.tiff', undefined, 'tiff'],
    ['a.jpeg', undefined, 'picture'],
    ['a.HEIC', undefined, 'picture'],
    ['a.jp2', undefined, 'picture'],
    ['a.jxl', undefined, 'picture'],
    ['a.zip', undefined, 'archive'],
    ['scan', 'application/pdf', 'pdf'],
    ['scan', 'image/tiff', 'tiff'],
    ['scan', 'Image/JPEG; q=1', 'picture'],
    ['scan', 'application/x-zip', 'archive'],
    ['scan', undefined, 'other'],
    ['a.docx', 'application/octet-stream', 'other'],
    ['a.pdf.txt', 'text/plain', 'other'],
    // The name says more than a type that an upload has guessed.
    ['a.pdf', 'image/png', 'pdf'],
  ])('%s of %s is %s', (name, type, kind) => {
    expect(documentKind(name, type)).toBe(kind);
  });
});

describe('sizeClass', () => {
  test.each([
    [1, 'to 256 KiB'],
    [262_144, 'to 256 KiB'],
    [262_145, 'to 4 MiB'],
    [256 * 2 ** 20, 'to 256 MiB'],
    [256 * 2 ** 20 + 1, 'over 256 MiB'],
  ])('%d bytes are %s', (bytes, name) => {
    expect(sizeClass(bytes)).toBe(name);
  });
});
