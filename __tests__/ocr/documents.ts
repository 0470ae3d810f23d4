import { createHash } from 'node:crypto';
import { grayscale, PDFBool, PDFDocument, PDFName, type PDFPage, StandardFonts } from 'pdf-lib';
import sharp from 'sharp';

export const ENGLISH = [
  'The committee met on Tuesday to consider the annual report of the treasurer.',
  'It was agreed that the accounts should be examined by two members before the',
  'next meeting, and that a summary should be sent to every household in the parish.',
];

/** The letters so many places on: what a font without a Unicode map gives. */
export const shifted = (text: string, places: number): string =>
  text.replace(/[a-z]/gi, (letter) => {
    const base = letter < 'a' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + places) % 26) + base);
  });
export const GARBAGE = ENGLISH.map((line) => shifted(line, 3));

/** A page of these lines; only the part below `cropTop` shows. */
export async function linesPdf(lines: readonly string[], cropTop = 792): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  const page = pdf.addPage([612, 792]);
  lines.forEach((line, at) => page.drawText(line, { x: 40, y: 700 - 20 * at, size: 11, font }));
  page.setCropBox(0, 0, 612, cropTop);
  return Buffer.from(await pdf.save());
}

/** A page of another size, with a line of nine points every twenty, on a ground of pale grey. */
export async function longPdf(width: number, height: number): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  const page = pdf.addPage([width, height]);
  page.drawRectangle({ x: 0, y: 0, width, height, color: grayscale(0.95) });
  for (let y = height - 20, line = 1; y > 10; y -= 20, line++)
    page.drawText(`${line} bread and butter 12.50`, { x: 10, y, size: 9, font });
  return Buffer.from(await pdf.save());
}

export type PageKind =
  'digital' | 'scanned' | 'garbage' | 'earlier-ocr' | 'with-logo' | 'empty' | 'stamped-drawing';

/** A picture of noise, so that no two scans are equal and none compresses to nothing. */
export async function scan(width = 600, height = 800, format: 'png' | 'jpeg' = 'jpeg'): Promise<Buffer> {
  const noise = { type: 'gaussian' as const, mean: 220, sigma: 10 };
  const image = sharp({ create: { width, height, channels: 3, background: 'white', noise } });
  return format === 'png' ? image.png().toBuffer() : image.jpeg().toBuffer();
}

/** A PDF with these pages, Letter size. */
export async function pdfOf(kinds: readonly PageKind[]): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  const picture = await pdf.embedJpg(await scan());
  const write = (page: PDFPage, lines: readonly string[]) =>
    lines.forEach((line, at) => page.drawText(line, { x: 40, y: 700 - 20 * at, size: 11, font }));
  for (const [number, kind] of kinds.entries()) {
    const page = pdf.addPage([612, 792]);
    if (kind === 'scanned' || kind === 'earlier-ocr')
      page.drawImage(picture, { x: 0, y: 0, width: 612, height: 792 });
    if (kind === 'with-logo') page.drawImage(picture, { x: 40, y: 740, width: 60, height: 40 });
    if (kind === 'stamped-drawing') {
      page.drawRectangle({ x: 40, y: 40, width: 300, height: 300 });
      write(page, ['Page 3 of 9']);
    }
    if (kind === 'digital' || kind === 'with-logo' || kind === 'earlier-ocr')
      write(page, [`Page ${number + 1}`, ...ENGLISH]);
    if (kind === 'garbage') write(page, GARBAGE);
  }
  return Buffer.from(await pdf.save({ useObjectStreams: false }));
}

/** A form with a field that somebody filled in; with or without a picture of the value beside it. */
export async function filledFormPdf(value: string, picture: boolean): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const form = pdf.getForm();
  const field = form.createTextField('name');
  field.setText(value);
  field.addToPage(pdf.addPage([612, 792]), { x: 40, y: 300, width: 500, height: 40, borderWidth: 0 });
  if (picture) return Buffer.from(await pdf.save());
  form.acroForm.dict.set(PDFName.of('NeedAppearances'), PDFBool.True);
  for (const widget of field.acroField.getWidgets()) widget.dict.delete(PDFName.of('AP'));
  return Buffer.from(await pdf.save({ updateFieldAppearances: false }));
}

/** A page whose content is another page, as stamping and imposing programs make them. */
export async function wrappedPdf(kind: PageKind): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const [inner] = await pdf.embedPdf(await pdfOf([kind]));
  pdf.addPage([306, 396]).drawPage(inner!, { x: 0, y: 0, xScale: 0.5, yScale: 0.5 });
  return Buffer.from(await pdf.save());
}

/** A page on which so many things are drawn: squares of so many points. */
export const busyPdf = (objects: number, points = 9): Buffer => {
  const content = `0 0 ${points} ${points} re f `.repeat(objects);
  return rawPdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
  ]);
};

/** A PDF that wants a password: its key fits no password, the empty one least. */
export function encryptedPdf(): Buffer {
  const hex = (byte: string) => `<${byte.repeat(32)}>`;
  return rawPdf(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>',
      `<< /Filter /Standard /V 1 /R 2 /O ${hex('a7')} /U ${hex('3c')} /P -44 >>`,
    ],
    `/Encrypt 4 0 R /ID [${hex('11')} ${hex('11')}]`,
  );
}

/** RC4, which node:crypto leaves out. */
function rc4(key: Buffer, data: Buffer): Buffer {
  const state = Array.from({ length: 256 }, (_, at) => at);
  for (let at = 0, other = 0; at < 256; at++) {
    other = (other + state[at]! + key[at % key.length]!) & 255;
    [state[at], state[other]] = [state[other]!, state[at]!];
  }
  let [i, j] = [0, 0];
  return Buffer.from(
    data.map((byte) => {
      i = (i + 1) & 255;
      j = (j + state[i]!) & 255;
      [state[i], state[j]] = [state[j]!, state[i]!];
      return byte ^ state[(state[i]! + state[j]!) & 255]!;
    }),
  );
}

const md5 = (...parts: readonly Buffer[]) => createHash('md5').update(Buffer.concat(parts)).digest();
/** PDF 32000-1, 7.6.3.3: what a password is filled up with. */
const PADDING = Buffer.from('28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A', 'hex');

/** A page with this line that opens with this password alone (revision 2, RC4 of 40 bits: PDF 32000-1, 7.6.3). */
export function passwordPdf(password: string, line: string): Buffer {
  const padded = Buffer.concat([Buffer.from(password), PADDING]).subarray(0, 32);
  const owner = rc4(md5(padded).subarray(0, 5), padded);
  const [id, permissions] = [Buffer.alloc(16, 7), Buffer.from([0xd4, 0xff, 0xff, 0xff])];
  const key = md5(padded, owner, permissions, id).subarray(0, 5);
  const forObject = (number: number, data: Buffer) =>
    rc4(md5(key, Buffer.from([number, 0, 0, 0, 0])).subarray(0, 10), data);
  const content = forObject(4, Buffer.from(`BT /F 11 Tf 40 700 Td (${line}) Tj ET`));
  return rawPdf(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>',
      `<< /Length ${content.length} >>\nstream\n${content.toString('latin1')}\nendstream`,
      `<< /Filter /Standard /V 1 /R 2 /O <${owner.toString('hex')}> /U <${rc4(key, PADDING).toString('hex')}> /P -44 >>`,
    ],
    `/Encrypt 5 0 R /ID [<${id.toString('hex')}> <${id.toString('hex')}>]`,
  );
}

/** A page of text with files in it; as a portfolio its pages are a cover. */
export async function attachmentsPdf(
  files: Readonly<Record<string, Uint8Array>>,
  isPortfolio = false,
): Promise<Buffer> {
  const pdf = await PDFDocument.load(await linesPdf(ENGLISH));
  for (const [name, content] of Object.entries(files)) await pdf.attach(content, name);
  if (isPortfolio) pdf.catalog.set(PDFName.of('Collection'), pdf.context.obj({ View: 'D' }));
  return Buffer.from(await pdf.save());
}

/** The page that Adobe's form designer puts in the place of a form. */
export async function xfaPdf(line: string): Promise<Buffer> {
  const pdf = await PDFDocument.load(await linesPdf([line]));
  const xfa = pdf.context.register(pdf.context.stream('<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"/>'));
  pdf.catalog.set(PDFName.of('AcroForm'), pdf.context.obj({ Fields: [], XFA: xfa }));
  return Buffer.from(await pdf.save());
}

/** A PDF without pages. */
export const emptyPdf = (): Buffer =>
  rawPdf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [] /Count 0 >>']);

/** A page whose image says that it is so large; nothing of it is there. */
export const hugeImagePdf = (pixels: number): Buffer =>
  rawPdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>',
    '<< /Length 27 >>\nstream\nq 612 0 0 792 0 0 cm /I Do Q\nendstream',
    `<< /Type /XObject /Subtype /Image /Width ${pixels} /Height ${pixels} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode /Length 8 >>\nstream\nx\u0001\u0001\u0000\u0000\u00ff\u00ff\u0000\nendstream`,
  ]);

/** A page of many metres: the box is large, the picture must not be. */
export const hugePagePdf = (points: number): Buffer =>
  rawPdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${points} ${points}] /Contents 4 0 R >>`,
    '<< /Length 13 >>\nstream\n0 0 99 99 re f\nendstream',
  ]);

/** A PDF of these objects, numbered from 1, the first its catalog. */
export function rawPdf(objects: readonly string[], trailer = ''): Buffer {
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, at) => {
    const offset = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const offset of offsets) text += `${String(offset).padStart(10, '0')} 00000 n \n`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

export const stream = (content: string, entries = ''): string =>
  `<< ${entries} /Length ${content.length} >>\nstream\n${content}\nendstream`;

/** A PDF of one Letter page: its content and resources; `others` are objects from number 5. */
export const onePagePdf = (content: string, resources = '', others: readonly string[] = []): Buffer =>
  rawPdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << ${resources} >> >>`,
    stream(content),
    ...others,
  ]);

/** Lines in a font of that collection (`Japan1`, `GB1`, `Korea1`) that is not in the file. */
export function eastAsianPdf(lines: readonly string[], collection: string, encoding: string): Buffer {
  const hex = (line: string) => Buffer.from(line, 'utf16le').swap16().toString('hex');
  const vertical = encoding.endsWith('-V');
  const show = lines.map((line, at) => {
    const [x, y] = vertical ? [500 - 30 * at, 700] : [60, 700 - 30 * at];
    return `BT /F 14 Tf ${x} ${y} Td <${hex(line)}> Tj ET`;
  });
  return onePagePdf(show.join('\n'), '/Font << /F 5 0 R >>', [
    `<< /Type /Font /Subtype /Type0 /BaseFont /Elsewhere /Encoding /${encoding} /DescendantFonts [6 0 R] >>`,
    `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Elsewhere /FontDescriptor 7 0 R /DW 1000
      /CIDSystemInfo << /Registry (Adobe) /Ordering (${collection}) /Supplement 2 >> >>`,
    '<< /Type /FontDescriptor /FontName /Elsewhere /Flags 6 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>',
  ]);
}
