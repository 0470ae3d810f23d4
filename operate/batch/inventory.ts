import { createInventory, type Stratum } from '../../domain/batch/inventory';
import { type Place, placeUrl } from '../../domain/batch/places';
import { Failure } from '../../domain/failure';
import { random } from '../../domain/random';
import { counted } from '../../domain/words';
import { listObjects } from '../../release/adapters/google/objects';
import type { ReleaseContext } from '../../release/ports/context';

/** Documents of a kind and size that may be drawn; how many are read is decided when their sizes are known. */
const SAMPLE_SIZE = 40;
/** The same listing gives the same sample, and the same estimate. */
const SEED = 20_261_129;
/** Objects between two lines of progress. */
const PROGRESS_EVERY = 100_000;

/** What a folder holds by kind and size. */
export interface ListedFolder {
  readonly strata: readonly Stratum[];
  readonly documents: number;
  readonly bytes: number;
  /** Objects of no bytes, which nobody reads. */
  readonly empty: number;
}

/**
 * Counts a folder from its listing, page by page: a call for 1,000 objects, and memory that does not grow with them.
 * @throws Failure `BATCH_EMPTY` (2).
 */
export async function listFolder(
  { call, signal, progress }: Pick<ReleaseContext, 'call' | 'signal' | 'progress'>,
  place: Place,
): Promise<ListedFolder> {
  const inventory = createInventory(SAMPLE_SIZE, random(SEED));
  let listed = 0;
  for await (const page of listObjects(call, place, signal)) {
    page.forEach(inventory.add);
    const before = Math.floor(listed / PROGRESS_EVERY);
    listed += page.length;
    if (Math.floor(listed / PROGRESS_EVERY) > before) progress(`${counted(listed, 'object')} listed`);
  }
  const strata = inventory.strata();
  const sum = (of: (stratum: Stratum) => number) => strata.reduce((all, stratum) => all + of(stratum), 0);
  const documents = sum((stratum) => stratum.documents);
  if (documents === 0) {
    throw new Failure({
      code: 'BATCH_EMPTY',
      message: 'There is no document.',
      where: 'the input',
      got: `${placeUrl(place)}: ${counted(listed, 'object')}, none with content`,
      remedy: `name a folder that has documents; what is there: gcloud storage ls gs://${place.bucket}/; a single document is read by the command ocr`,
      exitCode: 2,
    });
  }
  return { strata, documents, bytes: sum(({ bytes }) => bytes), empty: inventory.empty() };
}
