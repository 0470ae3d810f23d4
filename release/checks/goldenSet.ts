import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from '../../domain/deployment';
import { Failure } from '../../domain/failure';
import { type PreparedPage, preparePage } from '../../ocr/page';

/** A page whose text is known. */
export interface GoldenPage {
  /** Of its file, without the extension. */
  readonly name: string;
  readonly text: string;
  /** As the model takes it; made once. */
  prepared(): Promise<PreparedPage>;
}

/** The project's own pages, eight kinds, made by `scripts/make-golden-pages.ts`. */
export const GOLDEN_FOLDER = join(__dirname, '..', 'golden');

/**
 * The golden set of a deployment: the project's pages and those of its own folder (`golden`), each a PNG, JPEG, WebP or TIFF image
 * beside a `.txt` of the same name.
 * @throws Failure `NO_GOLDEN_FOLDER`, `GOLDEN_PAGE_WITHOUT_TEXT` (2).
 */
export function goldenSet({
  name,
  golden,
  page,
}: Pick<Deployment, 'name' | 'golden' | 'page'>): GoldenPage[] {
  if (golden !== undefined && !existsSync(golden)) {
    throw new Failure({
      code: 'NO_GOLDEN_FOLDER',
      message: 'The folder of golden pages does not exist.',
      where: `deployments/${name}.yaml golden`,
      got: golden,
      remedy: 'make it, with an image and its text for each page, or leave the key out',
      exitCode: 2,
    });
  }
  return [GOLDEN_FOLDER, ...(golden === undefined ? [] : [golden])].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => IMAGE.test(file))
      .sort()
      .map((file) => goldenPage(folder, file, page.longestSidePixels)),
  );
}

const IMAGE = /\.(png|jpe?g|webp|tiff?)$/i;

function goldenPage(folder: string, file: string, longestSidePixels: number): GoldenPage {
  const name = file.replace(IMAGE, '');
  const textFile = join(folder, `${name}.txt`);
  const text = existsSync(textFile) ? readFileSync(textFile, 'utf8') : '';
  if (text.trim() === '') {
    throw new Failure({
      code: 'GOLDEN_PAGE_WITHOUT_TEXT',
      message: 'A golden page has no text to compare with.',
      where: join(folder, file),
      remedy: `write what stands on the page into ${textFile}`,
      exitCode: 2,
    });
  }
  return { name, text, prepared: () => preparedOnce(join(folder, file), longestSidePixels) };
}

/** A page takes tens of milliseconds to make, and is sent a hundred times. */
const made = new Map<string, Promise<PreparedPage>>();

function preparedOnce(path: string, longestSidePixels: number): Promise<PreparedPage> {
  const key = `${longestSidePixels} ${path}`;
  const known = made.get(key) ?? preparePage(path, { longestSidePixels });
  made.set(key, known);
  return known;
}
