import {
  DOCUMENT_KINDS,
  type DocumentKind,
  documentKind,
  SIZE_NAMES,
  type SizeClass,
  sizeClass,
} from './kinds';

/** An object of Cloud Storage, as a listing has it. */
export interface ListedObject {
  readonly name: string;
  readonly bytes: number;
  /** Of the version that was listed. */
  readonly generation: string;
  readonly contentType?: string;
}

/** Documents of one kind and size class: what a sample is drawn from. */
export interface Stratum {
  readonly kind: DocumentKind;
  readonly size: SizeClass;
  readonly documents: number;
  readonly bytes: number;
  /** A simple random sample of them, in random order; all of them where there are few. */
  readonly sample: readonly ListedObject[];
}

export interface Inventory {
  /** Takes one object of the listing; folders' own objects and empty files are counted apart. */
  add(object: ListedObject): void;
  /** Kinds and sizes that are there, in a fixed order. */
  strata(): Stratum[];
  /** Objects of no bytes: nothing to read. */
  empty(): number;
}

interface Tally {
  documents: number;
  bytes: number;
  readonly sample: ListedObject[];
}

/**
 * Counts of a listing by kind and size, with a sample of each. Memory does not grow with the listing: at most `sampleSize`
 * objects a stratum are kept (reservoir sampling, algorithm R: Vitter, ACM TOMS 11(1), 1985), each document of it as likely as
 * any other.
 * @param random 0 to 1; from a seed, so that the same listing gives the same sample.
 */
export function createInventory(sampleSize: number, random: () => number): Inventory {
  const tallies = new Map<string, Tally>();
  let empty = 0;
  return {
    add(object) {
      if (object.bytes === 0) {
        if (!object.name.endsWith('/')) empty += 1;
        return;
      }
      const key = `${documentKind(object.name, object.contentType)} ${sizeClass(object.bytes)}`;
      let tally = tallies.get(key);
      if (tally === undefined) tallies.set(key, (tally = { documents: 0, bytes: 0, sample: [] }));
      tally.documents += 1;
      tally.bytes += object.bytes;
      const place = Math.floor(random() * tally.documents);
      // Until it is full every place is free: the newcomer takes `place`, and who was there goes to the end.
      if (tally.sample.length < sampleSize) {
        const moved = tally.sample[place];
        if (moved !== undefined) tally.sample.push(moved);
        tally.sample[place] = object;
      } else if (place < sampleSize) tally.sample[place] = object;
    },
    strata: () =>
      DOCUMENT_KINDS.flatMap((kind) =>
        SIZE_NAMES.flatMap((size) => {
          const tally = tallies.get(`${kind} ${size}`);
          return tally === undefined ? [] : [{ kind, size, ...tally }];
        }),
      ),
    empty: () => empty,
  };
}
