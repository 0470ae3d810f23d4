import { openDocument } from '../../ocr/document';
import { linesPdf } from './documents';
import { DRAWINGS, ORDINARY, OUTLINED, pagePdf } from './ordinaryPages';

const pageOf = async (pdf: Buffer) => (await openDocument(pdf)).page(1);

describe('contentOf', () => {
  test.each(Object.entries({ ...ORDINARY, ...DRAWINGS }))(
    '%s is read from its text layer',
    async (_what, page) => {
      expect(await pageOf(await pagePdf(page))).toMatchObject({
        kind: 'text',
        why: expect.stringMatching(/^a text layer/),
      });
    },
  );

  test('counts of an image what is on the page', async () => {
    const page = ORDINARY['an invoice under a letterhead that bleeds off the page'];
    expect(await pageOf(await pagePdf(page!))).toMatchObject({
      why: 'a text layer, beside images on 12 % of the page',
    });
  });

  test('a page whose text is drawn as outlines goes to the service', async () => {
    expect(await pageOf(await pagePdf(OUTLINED))).toMatchObject({
      kind: 'image',
      why: '38 letters and digits beside about 300 in pictures',
    });
  });
});

describe('textOf', () => {
  test.each<[first: string, second: string, text: string]>([
    ['a large number of docu-', 'ments.', 'a large number of documents.'],
    ['about North-', 'South trade', 'about North-South trade'],
    ['see https://x.example/some-', 'path for it', 'see https://x.example/some-path for it'],
    ['in the file-', 'name.txt here', 'in the file-name.txt here'],
    ['with --verbose-', 'mode on', 'with --verbose-mode on'],
    ['the points a-', 'b and', 'the points a-b and'],
    ['send an e-', 'mail to', 'send an e-mail to'],
    ['the name first_val-', 'ue of', 'the name first_val-ue of'],
  ])('%j, %j is %j', async (first, second, text) => {
    expect(await pageOf(await linesPdf([first, second]))).toMatchObject({ kind: 'text', text });
  });
});
