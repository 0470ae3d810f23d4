import { join } from 'node:path';
import { goldenPagesIn, ownGoldenPages } from '../../deployments/goldenFolder';
import type { Deployment } from '../../domain/deployment';
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
 * The golden set of a deployment: the project's pages and those of its own folder (`golden`).
 * @throws Failure `NO_GOLDEN_FOLDER`, `GOLDEN_PAGE_WITHOUT_TEXT` (2).
 */
export const goldenSet = (deployment: Pick<Deployment, 'name' | 'golden' | 'page'>): GoldenPage[] =>
  [...goldenPagesIn(GOLDEN_FOLDER), ...ownGoldenPages(deployment)].map(({ name, path, text }) => ({
    ...{ name, text },
    prepared: () => preparedOnce(path, deployment.page.longestSidePixels),
  }));

/** A page takes tens of milliseconds to make, and is sent a hundred times. */
const made = new Map<string, Promise<PreparedPage>>();

export function preparedOnce(path: string, longestSidePixels: number): Promise<PreparedPage> {
  const key = `${longestSidePixels} ${path}`;
  const known = made.get(key) ?? preparePage(path, { longestSidePixels });
  made.set(key, known);
  return known;
}
