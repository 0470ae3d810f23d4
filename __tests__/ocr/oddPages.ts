import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { openDocument } from '../../ocr/document';
import { ENGLISH, linesPdf, onePagePdf, rawPdf, stream } from './documents';
import { outlinesAsOnePath } from './ordinaryPages';

/** Pages as the world has them: what is on each is lost, hidden or drawn in a way that a text layer does not tell. */

const LINES = [...ENGLISH, ...ENGLISH, ...ENGLISH, ...ENGLISH];
const FONT = '/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>';
const written = (lines: readonly string[], before = '') =>
  `BT ${before} /F 11 Tf 14 TL 40 700 Td ${lines.map((line) => `(${line}) Tj T*`).join(' ')} ET\n`;
const STAMP = `BT /F 9 Tf 60 20 Td (ACME 0004711, produced under the protective order of the court) Tj ET\n`;
const PLACED = 'q 612 0 0 792 0 0 cm /I Do Q\n';

/** An image object of raw grey pixels. */
const image = (pixels: Buffer, width: number, height: number) =>
  stream(
    deflateSync(pixels).toString('latin1'),
    `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode`,
  );

/** A page of print as a scanner would give it. */
async function scannedLines(): Promise<string> {
  const page = await (await openDocument(await linesPdf(LINES), { forceOcr: true })).page(1);
  const { data, info } = await sharp(page.kind === 'image' ? page.image.data : undefined)
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return image(data, info.width, info.height);
}

/** Three pages of text; the content of the second is this stream. */
export const secondPagePdf = (second: string): Buffer => {
  const page = (contents: number) =>
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${contents} 0 R /Resources << ${FONT} >> >>`;
  return rawPdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R 4 0 R 5 0 R] /Count 3 >>',
    ...[6, 7, 6].map(page),
    stream(written(ENGLISH)),
    second,
  ]);
};

export const corruptStream = (): string => {
  const data = deflateSync(Buffer.from(written(ENGLISH)));
  data.fill(0xff, 0, 12);
  return stream(data.toString('latin1'), '/Filter /FlateDecode');
};
export const foreignStream = (): string => stream('abcdefgh'.repeat(20), '/Filter /FooDecode');

/** A page whose only image has these data in that filter. */
export const imagePdf = (data: string, filter: string): Buffer =>
  onePagePdf(PLACED, '/XObject << /I 5 0 R >>', [
    stream(
      data,
      `/Type /XObject /Subtype /Image /Width 1275 /Height 1650 /ColorSpace /DeviceGray /BitsPerComponent ${filter === 'JBIG2Decode' ? 1 : 8} /Filter /${filter}`,
    ),
  ]);

/** A page whose box has no size. */
export const sizelessPdf = (box: string): Buffer =>
  rawPdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [${box}] /Contents 4 0 R /Resources << ${FONT} >> >>`,
    stream(written(ENGLISH)),
  ]);

/** Says that it has nine pages, and has five. */
export const miscountedPdf = (): Buffer =>
  rawPdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [4 0 R 5 0 R 6 0 R 7 0 R 8 0 R] /Count 9 >>',
    stream(written(ENGLISH)),
    ...Array.from(
      { length: 5 },
      () =>
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 3 0 R /Resources << ${FONT} >> >>`,
    ),
  ]);

/** Real text alone, in ways that nobody sees. */
export const hiddenText: Readonly<Record<string, () => Buffer>> = {
  transparent: () => onePagePdf(written(ENGLISH, '3 Tr'), FONT),
  'white on white': () => onePagePdf(`1 g ${written(ENGLISH)}`, FONT),
  'under a white box': () => onePagePdf(`${written(ENGLISH)} 1 g 0 0 612 792 re f\n`, FONT),
  'clipped away': () => onePagePdf(`0 0 10 10 re W n ${written(ENGLISH)}`, FONT),
  'off the page': () => onePagePdf(`1 0 0 1 2000 0 cm ${written(ENGLISH)}`, FONT),
};

/** Under a black bar is the second of three lines. */
export const redactedPdf = (): Buffer => onePagePdf(`${written(ENGLISH)} 0 g 36 682 560 14 re f\n`, FONT);

/** White letters that a dark ground shows. */
export const lightTextPdf = (): Buffer =>
  onePagePdf(`0.1 0.2 0.4 rg 0 600 612 192 re f 1 g ${written(ENGLISH)}`, FONT);

/** Scans under other text. */
export const scans: Readonly<Record<string, () => Promise<Buffer>>> = {
  'outlines as one path, with a stamp': async () => onePagePdf(`${outlinesAsOnePath()}${STAMP}`, FONT),
  'a pattern, with a stamp': async () =>
    onePagePdf(`q /Pattern cs /P scn 0 0 612 792 re f Q\n${STAMP}`, `${FONT} /Pattern << /P 5 0 R >>`, [
      stream(
        PLACED,
        '/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 612 792] /XStep 612 /YStep 792 /Resources << /XObject << /I 6 0 R >> >>',
      ),
      await scannedLines(),
    ]),
  'a fifth of the page, with hidden text of an earlier OCR': async () =>
    onePagePdf(
      `q 300 0 0 322 40 400 cm /I Do Q\n${written(
        LINES.map((line) => line.toUpperCase()),
        '3 Tr',
      )}`,
      `${FONT} /XObject << /I 5 0 R >>`,
      [await scannedLines()],
    ),
  'under white text': async () =>
    onePagePdf(`${PLACED} 1 g ${written(LINES)}`, `${FONT} /XObject << /I 5 0 R >>`, [await scannedLines()]),
  'in strips, with a header': async () => {
    const strips = Array.from({ length: 9 }, (_, at) => `q 0 ${80 * at} 612 80 re W n ${PLACED} Q\n`);
    return onePagePdf(`${strips.join('')}${STAMP}`, `${FONT} /XObject << /I 5 0 R >>`, [
      await scannedLines(),
    ]);
  },
};
