import { scaledSize } from '../../domain/models/geometry';

/** A page that is more than so much higher than wide is read in slices: letters of a page scaled as a whole are too small. */
const LONG_PAGE = 2.2;
/** Height to width of a slice at most, as of a page of DIN A4. */
const SLICE = Math.SQRT2;
/** A longer page than so many slices is scaled down, so that its pixels fit into the memory. An own choice. */
const MOST_SLICES = 30;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels that a picture has once its pixels are square and it is upright. */
export function uprightSize(stored: Size, shape: number, isTurned: boolean): Size {
  // The axis with fewer dots is enlarged: nothing that was scanned is lost.
  const width = Math.round(stored.width * Math.max(1, shape));
  const height = Math.round(stored.height * Math.max(1, 1 / shape));
  return isTurned ? { width: height, height: width } : { width, height };
}

export const isLong = ({ width, height }: Size): boolean => height > LONG_PAGE * width;

/**
 * Pixels that a page is decoded to. The longest side is limited, of a long page the width: it is cut into slices that are no
 * longer than the limit.
 */
export function decodedSize(full: Size, longestSidePixels: number): Size {
  const scaled = scaledSize(full.width, full.height, longestSidePixels);
  if (!isLong(full)) return scaled;
  const factor = Math.min(
    1,
    longestSidePixels / SLICE / full.width,
    (MOST_SLICES * longestSidePixels) / full.height,
  );
  const size = {
    width: Math.max(1, Math.round(full.width * factor)),
    height: Math.max(1, Math.round(full.height * factor)),
  };
  return size.height > scaled.height ? size : scaled;
}
