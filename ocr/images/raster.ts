/** Decoded pixels, row by row: grey, red-green-blue, or red-green-blue and a byte that is not used. */
export interface Raster {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/** The same picture with one channel where all of its colours are grey; nothing is lost. */
export function withoutColours(raster: Raster): Raster {
  const { pixels, channels } = raster;
  if (channels === 1) return raster;
  for (let at = 0; at < pixels.length; at += channels)
    if (pixels[at] !== pixels[at + 1] || pixels[at] !== pixels[at + 2]) return raster;
  const grey = Buffer.allocUnsafe(pixels.length / channels);
  for (let at = 0, from = 0; at < grey.length; at++, from += channels) grey[at] = pixels[from]!;
  return { ...raster, pixels: grey, channels: 1 };
}

/** True where every pixel is the same: of a damaged file that says that nothing was decoded. */
export function isUniform({ pixels, channels }: Raster): boolean {
  for (let at = channels; at < pixels.length; at++)
    if (pixels[at] !== pixels[at - channels] && !(channels === 4 && at % 4 === 3)) return false;
  return true;
}

/** Black and white alone, as faxes and many scans are. */
export function isBilevel({ pixels, channels }: Raster): boolean {
  return channels === 1 && pixels.every((level) => level === 0 || level === 255);
}
