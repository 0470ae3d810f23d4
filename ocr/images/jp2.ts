import type { DocumentLimits } from '../limits';
import { sharedPdfPool } from '../pdfPool';
import { type Pixels, TooManyPixels } from './pixels';

/** Marker SIZ behind SOC (ITU-T T.800, A.5.1), which every codestream begins with. */
const CODESTREAM = Buffer.from('ff4fff51', 'hex');

/**
 * Decodes JPEG 2000, as a file (JP2) or a bare codestream: pdfium's decoder draws it, as the only image of a page of a point a
 * pixel. Whatever goes wrong there ends a thread of the pool.
 * @throws RangeError for what has no size, TooManyPixels over the limit; Failure UNREADABLE_PAGE, PAGE_OVER_BOUNDS.
 */
export async function decodeJp2(bytes: Buffer, name: string, limits: DocumentLimits): Promise<Pixels> {
  const { width, height, colours } = sizeOf(bytes);
  if (!(width >= 1 && height >= 1)) throw new RangeError(`a picture of ${width}×${height} px`);
  const { maxWholePixels } = limits;
  if (width * height > maxWholePixels)
    throw new TooManyPixels(`${width}×${height} px, at most ${maxWholePixels} of this kind`);
  const file = { bytes: pageOf(bytes, { width, height, colours }), name, limits, password: undefined };
  const pdf = await sharedPdfPool().open(file);
  try {
    const page = await pdf.page(1, { longestSidePixels: Math.max(width, height), forceOcr: true });
    if (page.kind !== 'image') throw new Error('a forced page came as text');
    const { drawing } = page;
    return { ...drawing, ...withoutUnused(drawing), shape: 1, isComplete: true };
  } finally {
    pdf.close();
  }
}

interface Header {
  readonly width: number;
  readonly height: number;
  /** What a bare codestream, which names none, is taken for. */
  readonly colours?: 'DeviceGray' | 'DeviceRGB';
}

/** XSiz − XOSiz, YSiz − YOSiz, CSiz. */
function sizeOf(bytes: Buffer): Header {
  const start = bytes.indexOf(CODESTREAM);
  const at = start + 8;
  if (start < 0 || at + 34 > bytes.length) throw new RangeError('no JPEG 2000 codestream');
  const number = (place: number) => bytes.readUInt32BE(at + 4 * place);
  const colours = bytes.readUInt16BE(at + 32) < 3 ? 'DeviceGray' : 'DeviceRGB';
  const size = { width: number(0) - number(2), height: number(1) - number(3) };
  return start === 0 ? { ...size, colours } : size;
}

function pageOf(bytes: Buffer, { width, height, colours }: Header): Buffer {
  const drawing = `q ${width} 0 0 ${height} 0 0 cm /I Do Q`;
  const objects: (string | Buffer)[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>`,
    `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
    Buffer.concat([
      Buffer.from(
        `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /Filter /JPXDecode${colours ? ` /ColorSpace /${colours}` : ''} /Length ${bytes.length} >>\nstream\n`,
      ),
      bytes,
      Buffer.from('\nendstream'),
    ]),
  ];
  const pieces: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  const offsets: number[] = [];
  let length = pieces[0]!.length;
  const add = (piece: Buffer) => {
    pieces.push(piece);
    length += piece.length;
  };
  objects.forEach((object, at) => {
    offsets.push(length);
    add(Buffer.concat([Buffer.from(`${at + 1} 0 obj\n`), Buffer.from(object), Buffer.from('\nendobj\n')]));
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  const table = `xref\n0 ${count}\n0000000000 65535 f \n${entries}`;
  add(Buffer.from(`${table}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`));
  return Buffer.concat(pieces);
}

/** Three bytes a pixel of four: the fourth is no transparency. */
function withoutUnused({ pixels, channels }: { pixels: Uint8Array; channels: 1 | 4 }) {
  if (channels === 1) return { pixels: Buffer.from(pixels), channels };
  const colours = Buffer.allocUnsafe((pixels.length / 4) * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4, to += 3) {
    colours[to] = pixels[from]!;
    colours[to + 1] = pixels[from + 1]!;
    colours[to + 2] = pixels[from + 2]!;
  }
  return { pixels: colours, channels: 3 as const };
}
