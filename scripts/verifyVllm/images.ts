import sharp from 'sharp';

/** Images of the recorded requests: their content says nothing, their form and size do. */
const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 250, g: 250, b: 245 } } });
const SMALL = [280, 280] as const;
const small = () => plain(...SMALL);

export const png = (width: number, height: number): Promise<Buffer> => plain(width, height).png().toBuffer();

/** A whole BMP of 24 bits, which sharp does not write. */
export function bmp(width: number, height: number): Buffer {
  const row = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + row * height, 0xee);
  file.fill(0, 0, 54);
  file.write('BM', 0, 'latin1');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  return file;
}

/** By the name that its request has in a recording. */
export const FORMATS: Readonly<Record<string, () => Promise<Buffer> | Buffer>> = {
  JPEG: () => small().jpeg().toBuffer(),
  TIFF: () => small().tiff().toBuffer(),
  GIF: () => small().gif().toBuffer(),
  BMP: () => bmp(...SMALL),
  WEBP: () => small().webp().toBuffer(),
  AVIF: () => small().avif({ effort: 0 }).toBuffer(),
  '16-bit PNG': () => small().toColourspace('rgb16').png().toBuffer(),
  '16-bit PNG white': () => small().toColourspace('grey16').png().toBuffer(),
  'grey PNG': () => small().toColourspace('b-w').png().toBuffer(),
  '1-bit PNG': () => small().toColourspace('b-w').png({ palette: true, colours: 2 }).toBuffer(),
  'palette PNG': () => small().png({ palette: true }).toBuffer(),
  'RGBA PNG': () => small().ensureAlpha(0.5).png().toBuffer(),
  'LA PNG': () => small().toColourspace('b-w').ensureAlpha(0.5).png().toBuffer(),
  'CMYK JPEG': () => small().toColourspace('cmyk').jpeg().toBuffer(),
  'EXIF orientation 6, 280x560': () => plain(280, 560).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  'EXIF orientation 6, 1540x100': () => plain(1540, 100).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
};

const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="280" height="280"></svg>');

/** Data URLs that are none of an image; `image` is a whole PNG, `jpeg` a whole JPEG. */
export const brokenUrls = (image: Buffer, jpeg: Buffer): Readonly<Record<string, string>> => {
  const base64 = image.toString('base64');
  const url = (bytes: Buffer, type = 'image/png') => `data:${type};base64,${bytes.toString('base64')}`;
  return {
    'not an image': url(Buffer.from('this is text and no image')),
    'bad base64': 'data:image/png;base64,@@@not*base64@@@',
    'base64 without padding': url(Buffer.from('1234')).replace(/=+$/, ''),
    'base64 with newline': `data:image/png;base64,${base64.slice(0, 60)}\n${base64.slice(60)}`,
    'data url no base64': `data:image/png,${base64}`,
    'truncated png': url(image.subarray(0, Math.floor(image.length * 0.6))),
    'truncated jpeg': url(jpeg.subarray(0, -8)),
    'empty image': 'data:image/png;base64,',
    'PDF as application/pdf': url(PDF, 'application/pdf'),
    'PDF as image/png': url(PDF),
    SVG: url(SVG, 'image/svg+xml'),
    'wrong mime jpeg as png': url(jpeg),
    'mime text': url(image, 'text/plain'),
  };
};
