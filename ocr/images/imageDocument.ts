import type { DocumentPage, OcrDocument } from '../ocrDocument';
import type { DocumentLimits } from '../limits';
import { encodePage } from '../page';
import { openImage } from './imageFile';
import { slicesOf } from './pageSlices';
import type { Raster } from './raster';

/** The pages of a file of pictures. @throws Failure as `openImage`. */
export async function imageDocument(
  about: Pick<OcrDocument, 'name' | 'sha256'>,
  bytes: Buffer,
  longestSidePixels: number,
  limits: DocumentLimits,
): Promise<OcrDocument> {
  const file = await openImage(bytes, about.name, limits);
  return {
    ...about,
    pageCount: file.pageCount,
    attachments: [],
    attachment: () => Promise.reject(new RangeError('pictures have no embedded files')),
    async page(number) {
      const { raster, warnings } = await file.decode(number, longestSidePixels);
      // What is to be said of the file is said once.
      const all = number === 1 ? [...file.warnings, ...warnings] : warnings;
      return picturePage(raster, longestSidePixels, 'an image', all);
    },
    close: () => undefined,
  };
}

/** A page that the model reads: as one picture, or a long one in slices. */
export async function picturePage(
  raster: Raster,
  longestSidePixels: number,
  why: string,
  warnings: readonly string[],
): Promise<DocumentPage> {
  if (raster.height <= longestSidePixels)
    return { kind: 'image', image: await encodePage(raster), why, warnings };
  const slices = await slicesOf(raster, longestSidePixels);
  return { kind: 'slices', slices, why: `${why}, read in ${slices.length} slices`, warnings };
}
