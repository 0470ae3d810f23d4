import type { DocumentSource } from '../document';
import { DEFAULT_LIMITS } from '../limits';
import { ZIP_LIMITS, zipEntries } from '../zip';

/** A document that was named, or found in a folder, a bucket or an archive. */
export interface Input {
  /** Its path or address; in an archive the archive's, a slash and its path there. Never a query or a password. */
  readonly name: string;
  /** Bytes of an archive's file are unpacked, those of an address fetched, when they are asked for. */
  source(this: void): DocumentSource;
}

/** The files in a ZIP; undefined for what is none. @throws Failure UNREADABLE_DOCUMENT or DOCUMENT_TOO_LARGE. */
export function inputsOfZip(bytes: Uint8Array, where: string): Input[] | undefined {
  const entries = zipEntries(bytes, where, { ...ZIP_LIMITS, maxFileBytes: DEFAULT_LIMITS.maxFileBytes });
  return entries?.map(({ name, content }) => ({
    name: `${where}/${name}`,
    // A file that cannot be unpacked fails alone, as it is read.
    source: () => ({
      name: `${where}/${name}`,
      content: (async function* () {
        yield content();
      })(),
    }),
  }));
}
