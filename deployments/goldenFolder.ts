import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from '../domain/deployment';
import { Failure } from '../domain/failure';

/** A golden page as it lies in a folder. */
export interface GoldenFile {
  /** Of its file, without the extension. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

const IMAGE = /\.(png|jpe?g|webp|tiff?)$/i;

/**
 * A deployment's own golden pages (`golden`), each a PNG, JPEG, WebP or TIFF image beside a `.txt` of the same name; none without the
 * key. Asked at synth and plan too, so that a missing page is no surprise of the canary.
 * @throws Failure `NO_GOLDEN_FOLDER`, `GOLDEN_PAGE_WITHOUT_TEXT` (2).
 */
export function ownGoldenPages({ name, golden }: Pick<Deployment, 'name' | 'golden'>): GoldenFile[] {
  if (golden === undefined) return [];
  const isFolder = existsSync(golden) && statSync(golden).isDirectory();
  const pages = isFolder ? goldenPagesIn(golden) : [];
  if (pages.length > 0) return pages;
  throw new Failure({
    code: 'NO_GOLDEN_FOLDER',
    message: isFolder
      ? 'The folder of golden pages holds no image.'
      : 'The folder of golden pages does not exist.',
    where: `deployments/${name}.yaml golden`,
    got: golden,
    remedy: 'put an image and its text there for each page, or leave the key out',
    exitCode: 2,
  });
}

/** @throws Failure `GOLDEN_PAGE_WITHOUT_TEXT` (2). */
export const goldenPagesIn = (folder: string): GoldenFile[] =>
  readdirSync(folder)
    .filter((file) => IMAGE.test(file))
    .sort()
    .map((file) => goldenFile(folder, file));

function goldenFile(folder: string, file: string): GoldenFile {
  const name = file.replace(IMAGE, '');
  const textFile = join(folder, `${name}.txt`);
  const text = existsSync(textFile) ? readFileSync(textFile, 'utf8') : '';
  if (text.trim() !== '') return { name, path: join(folder, file), text };
  throw new Failure({
    code: 'GOLDEN_PAGE_WITHOUT_TEXT',
    message: 'A golden page has no text to compare with.',
    where: join(folder, file),
    remedy: `write what stands on the page into ${textFile}`,
    exitCode: 2,
  });
}
