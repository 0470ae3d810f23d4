import { disagreements } from '../../../scripts/corpus/disagreements';
import type { FileRow, PageRow } from '../../../scripts/corpus/examine';
import { disagreementPage } from '../../../scripts/corpus/page';

const file = (change: Partial<FileRow>): FileRow => ({
  file: 'a.pdf',
  pages: 2,
  counts: { poppler: 2, qpdf: 2 },
  rows: [],
  seconds: 1,
  ...change,
});
const page = (change: Partial<PageRow>): FileRow =>
  file({ rows: [{ page: 1, decision: 'image', why: 'no text layer', warnings: [], ...change }] });

describe('disagreements', () => {
  test.each<[what: string, row: FileRow]>([
    ['as many pages as the others', file({})],
    ['one other that has more', file({ counts: { poppler: 5, qpdf: 2 } })],
    ['a file that nobody opens', file({ pages: 0, failed: 'UNREADABLE_DOCUMENT', counts: {} })],
    ['a locked file', file({ pages: 0, failed: 'ENCRYPTED_DOCUMENT' })],
    ['the same text', page({ decision: 'text', letters: 100, otherLetters: 100, textDifference: 0.02 })],
    ['a scan of which others have a page number', page({ otherLetters: 3, pictureDifference: 0.01 })],
  ])('has none: %s', (_what, row) => {
    expect(disagreements([row])).toEqual([]);
  });

  test.each<[kind: string, row: FileRow]>([
    ['fewer pages than two others', file({ pages: 1 })],
    ['more pages than two others', file({ pages: 3 })],
    ['refused, while two others open it', file({ pages: 0, failed: 'UNREADABLE_DOCUMENT' })],
    ['defect', file({ pages: 0, failed: 'DEFECT null is no object' })],
    ['failed page', page({ decision: 'UNREADABLE_PAGE' })],
    ['another text', page({ decision: 'text', letters: 10, otherLetters: 100, textDifference: 0.9 })],
    ['another picture', page({ pictureDifference: 0.3 })],
    ['text that others have is not seen', page({ otherLetters: 500 })],
  ])('has %s', (kind, row) => {
    expect(disagreements([row])).toEqual([expect.objectContaining({ kind, file: 'a.pdf' })]);
  });

  test('are shown on one page, whatever a file is called', () => {
    const row = { ...page({ pictureDifference: 0.3, picture: Buffer.from('png') }), file: '<b>.pdf' };
    const html = disagreementPage(disagreements([row]));
    expect(html).toContain('another picture: 1');
    expect(html).toContain('&lt;b&gt;.pdf, page 1');
    expect(html).toContain('data:image/png;base64,cG5n');
  });
});
