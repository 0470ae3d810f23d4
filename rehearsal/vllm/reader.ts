import path from 'node:path';
import { sha256 } from '../../domain/canonical';
import { DEFAULT_MODEL, type OcrModel } from '../../domain/models';
import { imageTokens } from '../../domain/models/geometry';

export interface ReadImage {
  /** Lines as they stand on the page, white space at both ends of a line removed. */
  readonly text: string;
  /** Tokens that the model would spend on the image, after the processor's own scaling. */
  readonly tokens: number;
}

export interface PageReader {
  /** @throws Error when the bytes are no image. */
  read(image: Buffer): Promise<ReadImage>;
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
  const remembered = new Map<string, Promise<ReadImage>>();
  let pagesRead = 0;

  async function readOnce(image: Buffer): Promise<ReadImage> {
    const { longestSidePixels } = model.grid;
    const size = { width: longestSidePixels, height: longestSidePixels };
    const scaled = await sharp(image)
      .resize({ ...size, fit: 'inside', withoutEnlargement: true })
      .withMetadata({ density: DPI })
      .png({ compressionLevel: 1 })
      .toBuffer({ resolveWithObject: true });
    pagesRead += 1;
    const { data: page } = await worker.recognize(scaled.data);
    const lines = page.text.split('\n').map((line) => line.trim());
    return {
      text: lines.join('\n').trim(),
      tokens: imageTokens(scaled.info.width, scaled.info.height, model),
    };
  }

  return {
    get pagesRead() {
      return pagesRead;
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
