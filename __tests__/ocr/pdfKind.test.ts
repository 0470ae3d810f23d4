import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDocument } from '../../ocr/document';
import { attachmentsPdf, ENGLISH, passwordPdf, xfaPdf } from './documents';

const open = (content: Buffer, options = {}) => openDocument({ name: 'a.pdf', content }, options);
const firstPage = async (content: Buffer, options = {}) => (await open(content, options)).page(1);

describe('a PDF whose pages are not all of it', () => {
  test('lists the files that are embedded, and gives them', async () => {
    const content = Buffer.from('<invoice/>');
    const document = await open(await attachmentsPdf({ 'invoice.xml': content, 'b.txt': Buffer.from('b') }));
    expect([...document.attachments].sort()).toEqual(['b.txt', 'invoice.xml']);
    expect(Buffer.from(await document.attachment(document.attachments.indexOf('invoice.xml')))).toEqual(
      content,
    );
    expect((await document.page(1)).warnings).toEqual([
      expect.stringMatching(/^ATTACHMENTS: 2 embedded files, read with --attachments: .*invoice\.xml/),
    ]);
  });

  test('is a portfolio when it says so', async () => {
    const { warnings } = await firstPage(await attachmentsPdf({ 'a.pdf': Buffer.from('x') }, true));
    expect(warnings).toEqual([expect.stringMatching(/^PORTFOLIO: .*1 embedded file, .*: a\.pdf$/)]);
  });

  test("is a form that only Adobe's programs draw", async () => {
    const { warnings } = await firstPage(await xfaPdf('Please wait... If this message is not replaced'));
    expect(warnings).toEqual([expect.stringContaining('XFA_FORM')]);
  });

  test('is no such form where its pages are there', async () => {
    expect((await firstPage(await xfaPdf(ENGLISH.join(' ')))).warnings).toEqual([]);
  });

  test('cannot put its own signs into messages and file names', async () => {
    const { attachments } = await open(await attachmentsPdf({ '../a\x07\u202E.pdf': Buffer.from('x') }));
    expect(attachments).toEqual(['.._a__.pdf']);
  });
});

describe('a PDF that asks for a password', () => {
  const locked = passwordPdf('zebra-7', ENGLISH[0]!);

  test('opens with it', async () => {
    expect(await firstPage(locked, { password: 'zebra-7' })).toMatchObject({
      kind: 'text',
      text: ENGLISH[0],
    });
  });

  test.each([
    [{}, 'The PDF asks for a password.'],
    [{ password: 'horse-8' }, 'The password does not open the PDF.'],
  ])('is refused with %j, which is not repeated', async (options, message) => {
    const failure = await open(locked, options).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ENCRYPTED_DOCUMENT', message });
    expect(JSON.stringify(failure)).not.toMatch(/horse|zebra/);
  });

  const file = join(__dirname, '../../../shared/documents/enc-user.pdf');
  (existsSync(file) ? test : test.skip)('of AES opens with it', async () => {
    const page = await firstPage(readFileSync(file), { password: 'u' });
    expect(page.warnings).toEqual([]);
    await expect(open(readFileSync(file))).rejects.toMatchObject({ code: 'ENCRYPTED_DOCUMENT' });
  });
});
