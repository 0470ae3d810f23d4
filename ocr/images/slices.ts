import type { Raster } from './raster';

/** A piece of a page: rows from `top` on. */
export interface Cut {
  readonly top: number;
  readonly height: number;
}

/** A slice is cut in its lower two fifths. An own choice. */
const LEAST_SHARE = 0.6;
/** Rows that are blank before and behind a cut: letters may touch, lines do not. */
const LEAST_BLANK_ROWS = 3;
/** Levels between neighbours that are no edge: paper and JPEG have such. */
const QUIET = 40;
/** Edges of a blank row: a frame or the rules of a table stand at both sides. */
const MOST_EDGES = 4;
/** Share of a slice that overlaps the next one where no row is blank: two lines of text or more. */
const OVERLAP = 0.08;

/**
 * Cuts a page into slices of at most `maxHeight` rows: in the middle of the largest blank between two lines, or, where there is
 * none, anywhere, with an overlap.
 */
export function cutRows(raster: Raster, maxHeight: number): Cut[] {
  const cuts: Cut[] = [];
  let top = 0;
  while (raster.height - top > maxHeight) {
    const blank = middleOfBlank(raster, top + Math.round(LEAST_SHARE * maxHeight), top + maxHeight);
    cuts.push({ top, height: (blank ?? top + maxHeight) - top });
    top = blank ?? top + maxHeight - Math.max(1, Math.round(OVERLAP * maxHeight));
  }
  return [...cuts, { top, height: raster.height - top }];
}

/** The row to cut at between two rows; undefined where none is blank. */
export function middleOfBlank(raster: Raster, from: number, to: number): number | undefined {
  let best: { start: number; length: number } | undefined;
  let start = from;
  for (let row = from; row <= to; row++) {
    if (row < to && isBlank(raster, row)) continue;
    const length = row - start;
    if (length >= LEAST_BLANK_ROWS && length >= (best?.length ?? 0)) best = { start, length };
    start = row + 1;
  }
  return best && best.start + Math.ceil(best.length / 2);
}

function isBlank({ pixels, width, channels }: Raster, row: number): boolean {
  const start = row * width * channels;
  let edges = 0;
  for (let at = start + channels; at < start + width * channels; at++)
    if (Math.abs(pixels[at]! - pixels[at - channels]!) > QUIET && ++edges > MOST_EDGES * channels)
      return false;
  return true;
}

/** Rows of a picture, without a copy. */
export const rowsOf = (raster: Raster, { top, height }: Cut): Raster => {
  const stride = raster.width * raster.channels;
  return { ...raster, height, pixels: raster.pixels.subarray(top * stride, (top + height) * stride) };
};
