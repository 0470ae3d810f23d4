import sharp from 'sharp';
import { encodePage, type PreparedPage } from '../page';
import type { Raster } from './raster';
import { type Cut, cutRows, middleOfBlank, rowsOf } from './slices';

/** A piece of a page, as wide as the page. */
export interface PageSlice extends PreparedPage {
  /** Row of the page that it begins with. */
  readonly top: number;
  /** Its first rows are the last ones of the slice above it too: there was no blank row to cut at. */
  readonly overlaps: boolean;
}

/** Where a dense page is cut in two: in the middle fifth. */
const HALF = { from: 0.4, to: 0.6 };
/** Rows that both halves have where no row between them is blank. */
const HALF_OVERLAP = 0.05;
/** A page of fewer rows has no text that fills a context. */
const LEAST_ROWS = 560;

/** A decoded page in slices of at most `maxHeight` rows. */
export function slicesOf(raster: Raster, maxHeight: number): Promise<PageSlice[]> {
  return encodeCuts(raster, cutRows(raster, maxHeight));
}

/** The upper and the lower half of a page, at the resolution that it has; undefined for one that is too small to be dense. */
export async function halvesOf(page: PreparedPage): Promise<PageSlice[] | undefined> {
  if (page.height < LEAST_ROWS) return undefined;
  const { data, info } = await sharp(page.data).raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const raster: Raster = { pixels: data, width, height, channels: info.channels as 1 | 3 };
  const blank = middleOfBlank(raster, Math.round(HALF.from * height), Math.round(HALF.to * height));
  const middle = blank ?? Math.round(height / 2);
  const overlap = blank === undefined ? Math.round(HALF_OVERLAP * height) : 0;
  const lower = { top: middle - overlap, height: height - middle + overlap };
  return encodeCuts(raster, [{ top: 0, height: middle + overlap }, lower]);
}

function encodeCuts(raster: Raster, cuts: readonly Cut[]): Promise<PageSlice[]> {
  return Promise.all(
    cuts.map(async (cut, at) => {
      const above = cuts[at - 1];
      const overlaps = above !== undefined && above.top + above.height > cut.top;
      return { ...(await encodePage(rowsOf(raster, cut))), top: cut.top, overlaps };
    }),
  );
}
