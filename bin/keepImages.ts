import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchOptions } from '../ocr/batch';
import { writing } from '../ocr/outputFile';
import { outputNames } from './ocrOutput';

/**
 * Writes the pictures that are sent, byte for byte: `scan.pdf-0003.png`, a slice of a long page `scan.pdf-0003-2.png`.
 * @param files the documents, in order.
 * @throws Failure OUTPUT_NOT_WRITABLE, at once for a folder that cannot be made.
 */
export function keepImages(folder: string, files: readonly string[]): NonNullable<BatchOptions['onPicture']> {
  const names = outputNames(files);
  writing(folder, () => mkdirSync(folder, { recursive: true }));
  return ({ document, page, slice }, { data }) => {
    const place = [names(document), String(page).padStart(4, '0'), ...(slice ? [slice] : [])];
    const file = join(folder, `${place.join('-')}.png`);
    writing(file, () => writeFileSync(file, data));
  };
}
