/** Kinds of pictures that can be read. */
export type ImageFormat =
  'png' | 'jpeg' | 'tiff' | 'gif' | 'webp' | 'avif' | 'heic' | 'jp2' | 'jxl' | 'bmp' | 'pnm' | 'tga';

const SIGNS: readonly [format: ImageFormat, sign: RegExp][] = [
  ['png', /^\x89PNG/],
  ['jpeg', /^\xff\xd8\xff/],
  ['tiff', /^(II[*+]\0|MM\0[*+])/],
  ['gif', /^GIF8/],
  ['webp', /^RIFF[^]{4}WEBP/],
  ['bmp', /^BM[^]{12}[\x0c-\x7c]\0\0\0/],
  ['jp2', /^(\0\0\0\x0cjP {2}\r\n\x87\n|\xff\x4f\xff\x51)/],
  ['jxl', /^(\0\0\0\x0cJXL \r\n\x87\n|\xff\x0a)/],
  ['pnm', /^P[1-7][\s#]/],
];

/** Brands of ISO 23008-12 and AV1 image files; the first says how the picture is coded, where it says it. */
const AVIF = /avi[fs]/;
const HEIF = /mif1|msf1|hei[cxms]|hev[cxms]/;

/** True for a picture that its first bytes name: TGA has no such sign. */
export const isSignedImage = (bytes: Buffer): boolean => (imageFormat(bytes) ?? 'tga') !== 'tga';

/** The format of a picture by its first bytes; undefined for what is none, or cannot be read. */
export function imageFormat(bytes: Buffer): ImageFormat | undefined {
  const start = bytes.toString('latin1', 0, 32);
  const found = SIGNS.find(([, sign]) => sign.test(start))?.[0];
  if (found !== undefined) return found;
  if (start.slice(4, 8) === 'ftyp') {
    const brands = bytes.toString('latin1', 8, Math.min(64, bytes.length < 4 ? 0 : bytes.readUInt32BE(0)));
    if (AVIF.test(brands)) return 'avif';
    if (HEIF.test(brands)) return 'heic';
  }
  return isTga(bytes) ? 'tga' : undefined;
}

/** TGA has no sign at its start: what is asked is that all fields of the header are possible. */
function isTga(bytes: Buffer): boolean {
  if (bytes.length < 19) return false;
  const [mapType, type, depth, descriptor] = [bytes[1]!, bytes[2]!, bytes[16]!, bytes[17]!];
  const hasMap = mapType === 1;
  const mapDepths = hasMap ? [15, 16, 24, 32] : [0];
  return (
    mapType <= 1 &&
    (hasMap ? [1, 9] : [2, 3, 10, 11]).includes(type) &&
    mapDepths.includes(bytes[7]!) &&
    [8, 15, 16, 24, 32].includes(depth) &&
    (descriptor & 0xc0) === 0 &&
    bytes.readUInt16LE(12) > 0 &&
    bytes.readUInt16LE(14) > 0
  );
}
