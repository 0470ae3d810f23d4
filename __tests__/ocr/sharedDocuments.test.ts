import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../domain/failure';
import { openDocument } from '../../ocr/document';

const FILES = join(__dirname, '../../../shared/documents');

/** What becomes of each page: `text`, `image` or `slices`, or a failure's code; then the codes of its warnings. */
async function outcomes(name: string, password?: string): Promise<string[]> {
  const document = await openDocument(join(FILES, name), { password });
  const found: string[] = [];
  for (let number = 1; number <= document.pageCount; number++) {
    try {
      const { kind, warnings } = await document.page(number);
      found.push([kind, ...warnings.map((warning) => warning.split(':')[0])].join(' '));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      found.push(error.code);
    }
  }
  document.close();
  return found;
}

// PDFs that others made for the project; pictures are in images/imageFile.test.ts, and each kind is made anew in oddPages.ts.
(existsSync(FILES) ? describe : describe.skip)('the PDFs beside the project', () => {
  test.each<[name: string, pages: readonly string[]]>([
    ['page2-content-corrupt.pdf', ['text', 'UNREADABLE_PAGE', 'text']],
    ['page2-content-unknown-filter.pdf', ['text', 'UNREADABLE_PAGE', 'text']],
    ['inf-mediabox.pdf', ['text PAGE_SIZE']],
    ['img-jbig2-garbage.pdf', ['UNREADABLE_PAGE']],
    ['img-unknown-filter.pdf', ['UNREADABLE_PAGE']],
    ['img-jpx-trunc.pdf', ['UNREADABLE_PAGE']],
    ['outlines-per-page-bates.pdf', ['image']],
    ['scan-in-pattern-bates.pdf', ['image']],
    ['hidden-ocr-scan20.pdf', ['image']],
    ['white-text.pdf', ['image']],
    ['cjk-noembed.pdf', ['text']],
    ['cjk-noembed-vertical.pdf', ['image']],
    ['cjk-form-on-scan.pdf', ['image']],
    ['count-too-big.pdf', ['text PAGE_COUNT', 'text', 'text', 'text', 'text']],
  ])('%s', async (name, pages) => {
    expect(await outcomes(name)).toEqual(pages);
  });

  test('enc-user.pdf with its password', async () => {
    expect(await outcomes('enc-user.pdf', 'u')).toEqual(Array.from({ length: 5 }, () => 'text'));
  });
});
