import path from 'node:path';
import { sha256 } from '../../domain/canonical';
import { DEFAULT_MODEL, type OcrModel } from '../../domain/models';
import { imageTokens } from '../../domain/models/geometry';
import { ApiError } from './apiError';
import { decodeImage } from './imageFile';

export interface PageReader {
  /** Tokens that the model would spend on the image, after the processor's own scaling. Throws ApiError. */
  measure(image: Buffer): Promise<number>;
  /** Lines as they stand on the page, white space at both ends of a line removed. Throws ApiError. */
  read(image: Buffer): Promise<string>;
  /** Pages that went through OCR; a page that was read before does not count again. */
  readonly pagesRead: number;
}

/** Resolution that Tesseract is told: A4 at 1540 px. Without one it takes 25 dpi for true and warns. */
const DPI = 132;

/**
 * Real OCR in place of the model, so that the text can be judged: Tesseract in WebAssembly with English data from npm.
 * Resolves when it can read, which is what "loaded" means for the stand-in. Nothing is fetched from a network.
 */
export async function startReader(model: OcrModel = DEFAULT_MODEL): Promise<PageReader> {
  const [{ createWorker }, { default: sharp }] = await Promise.all([import('tesseract.js'), import('sharp')]);
  const data = path.dirname(require.resolve('@tesseract.js-data/eng/package.json'));
  const worker = await createWorker('eng', 1, {
    langPath: path.join(data, '4.0.0_best_int'),
    gzip: true,
    cacheMethod: 'none',
  });
  sharp.cache(false);
  sharp.concurrency(1);
  const { longestSidePixels } = model.grid;
  const remembered = new Map<string, Promise<string>>();
  let pagesRead = 0;

  async function readOnce(image: Buffer): Promise<string> {
    const size = { width: longestSidePixels, height: longestSidePixels };
    const decoded = await decodeImage(sharp, image);
    const scaled = await decoded
      .resize({ ...size, fit: 'inside', withoutEnlargement: true })
      .withMetadata({ density: DPI })
      .png({ compressionLevel: 1 })
      .toBuffer()
      .catch(() => {
        throw new ApiError(400, 'Failed to load image: image file is truncated');
      });
    pagesRead += 1;
    const { data: page } = await worker.recognize(scaled);
    const lines = page.text.split('\n').map((line) => line.trim());
    return lines.join('\n').trim();
  }

  return {
    get pagesRead() {
      return pagesRead;
    },
    async measure(image) {
      const { width = 1, height = 1 } = await (await decodeImage(sharp, image)).metadata();
      // Rounded down, as the processor does: an image that is much longer than wide has no pixel left.
      const factor = Math.min(1, longestSidePixels / Math.max(width, height));
      const [wide, high] = [Math.floor(width * factor), Math.floor(height * factor)];
      if (wide < 1 || high < 1) {
        const picture = `<PIL.Image.Image image mode=RGB size=${width}x${height} at 0x7F6ED3641F10>`;
        const data = `{'text': '<|image_pad|>', 'images': [${picture}]}`;
        const settings = "{'truncation': False, 'return_tensors': 'pt'}";
        throw new ApiError(400, `Failed to apply PixtralProcessor on data=${data} with kwargs=${settings}`);
      }
      return imageTokens(wide, high, model);
    },
    read(image) {
      const key = sha256(image);
      const known = remembered.get(key) ?? readOnce(image);
      remembered.set(key, known);
      known.catch(() => remembered.delete(key));
      return known;
    },
  };
}
