import { unzipSync, type UnzipFileInfo } from 'fflate';
import { messageOf } from '../domain/failure';
import { documentFailure } from './documentFailure';

/** How much an archive may hold. */
export interface ZipLimits {
  /** Files in it; default 10,000, an own choice. */
  readonly maxEntries: number;
  /** Of one file, unpacked. */
  readonly maxFileBytes: number;
  /** Of all files together, as they say; default 4 GiB, an own choice. */
  readonly maxTotalBytes: number;
  /** Unpacked over packed size of one file; default 1000: deflate itself reaches 1032. */
  readonly maxRatio: number;
}

export const ZIP_LIMITS = { maxEntries: 10_000, maxTotalBytes: 4 * 2 ** 30, maxRatio: 1000 };

export interface ZipEntry {
  /** Path in the archive. */
  readonly name: string;
  /** Unpacks it; nothing is kept. @throws Failure UNREADABLE_DOCUMENT, DOCUMENT_TOO_LARGE. */
  content(this: void): Uint8Array;
}

const isZip = (bytes: Uint8Array) =>
  Buffer.from(bytes.subarray(0, 4)).equals(Buffer.from('PK\x03\x04', 'latin1'));
/** Files by which Office, OpenDocument and EPUB are known: ZIPs that are one document. */
const ONE_DOCUMENT = /^(\[Content_Types\]\.xml|mimetype)$/;
/** What file managers add, and what is hidden. */
const NO_DOCUMENT = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)|\/$/;

/**
 * The files in a ZIP, by name; undefined for what is no ZIP, or a ZIP that is one document, as Word writes it. Only the list is
 * read; every size is looked at before anything is unpacked.
 * @throws Failure UNREADABLE_DOCUMENT for a broken archive, DOCUMENT_TOO_LARGE over a limit.
 */
export function zipEntries(bytes: Uint8Array, where: string, limits: ZipLimits): ZipEntry[] | undefined {
  if (!isZip(bytes)) return undefined;
  const found = unzipped(bytes, where, () => false).infos;
  if (found.some(({ name }) => ONE_DOCUMENT.test(name))) return undefined;
  const total = found.reduce((sum, { originalSize }) => sum + originalSize, 0);
  if (found.length > limits.maxEntries)
    throw tooLarge(where, `${found.length} files, at most ${limits.maxEntries}`);
  if (total > limits.maxTotalBytes)
    throw tooLarge(where, `${total} bytes unpacked, at most ${limits.maxTotalBytes}`);
  const files = found.filter(({ name }) => !NO_DOCUMENT.test(name));
  return files
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((info) => ({
      name: info.name,
      content: () => contentOf(bytes, info, `${where}/${info.name}`, limits),
    }));
}

function contentOf(bytes: Uint8Array, info: UnzipFileInfo, where: string, limits: ZipLimits): Uint8Array {
  const { name, size, originalSize } = info;
  if (originalSize > limits.maxFileBytes)
    throw tooLarge(where, `${originalSize} bytes unpacked, at most ${limits.maxFileBytes}`);
  if (originalSize > limits.maxRatio * size)
    throw tooLarge(
      where,
      `${originalSize} bytes of ${size} packed, at most ${limits.maxRatio} times as many`,
    );
  const { files } = unzipped(bytes, where, (file) => file.name === name);
  return files[name] ?? new Uint8Array();
}

function unzipped(bytes: Uint8Array, where: string, filter: (file: UnzipFileInfo) => boolean) {
  const infos: UnzipFileInfo[] = [];
  try {
    const files = unzipSync(bytes, {
      filter(file) {
        infos.push(file);
        return filter(file);
      },
    });
    return { files, infos };
  } catch (error) {
    throw documentFailure(
      'UNREADABLE_DOCUMENT',
      `Not a ZIP that can be read: ${messageOf(error)}.`,
      where,
      undefined,
      error,
    );
  }
}

const tooLarge = (where: string, got: string) =>
  documentFailure('DOCUMENT_TOO_LARGE', 'The archive holds too much.', where, got);
