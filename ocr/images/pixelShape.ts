/**
 * How much wider a pixel is than high, as the file says; 1 where it says nothing, or what no scanner has. Faxes have
 * 204 × 98 dots per inch, a pixel of which is twice as high as wide: 0.48.
 */
export function pixelShape(format: string, bytes: Buffer): number {
  if (format === 'png') return shapeOf(pngDensity(bytes));
  if (format === 'jpeg') return shapeOf(jfifDensity(bytes));
  return 1;
}

type Density = readonly [across: number, down: number];

/** From dots per length; fax machines have 1 : 2 and 1 : 4 at most. */
export function shapeOf([across, down]: Density): number {
  const shape = down / across;
  const isReal = shape > 1 / MOST && shape < MOST && Math.abs(shape - 1) > LEAST;
  return isReal ? shape : 1;
}
const MOST = 4.5;
/** Rounded densities are no shape. */
const LEAST = 0.02;
const SQUARE: Density = [1, 1];

/** Chunk pHYs (PNG, 11.3.4.3), which stands before the pixels. */
function pngDensity(bytes: Buffer): Density {
  for (let at = 8; at + 17 <= bytes.length;) {
    const [length, type] = [bytes.readUInt32BE(at), bytes.toString('latin1', at + 4, at + 8)];
    if (type === 'pHYs') return [bytes.readUInt32BE(at + 8), bytes.readUInt32BE(at + 12)];
    if (type === 'IDAT') break;
    at += 12 + length;
  }
  return SQUARE;
}

/** Segment APP0 of JFIF (ITU-T T.871, 10.1): density or, with unit 0, the shape alone. */
function jfifDensity(bytes: Buffer): Density {
  for (let at = 2; at + 18 <= bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (bytes[at + 1] === 0xe0 && bytes.toString('latin1', at + 4, at + 8) === 'JFIF')
      return [bytes.readUInt16BE(at + 12), bytes.readUInt16BE(at + 14)];
    if (bytes[at + 1] === 0xda) break;
  }
  return SQUARE;
}
