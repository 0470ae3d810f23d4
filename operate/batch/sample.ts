import type { SampledDocument, SampledStratum } from '../../domain/batch/estimate';
import type { ListedObject, Stratum } from '../../domain/batch/inventory';
import { TOO_LARGE } from '../../domain/batch/kinds';
import { Failure } from '../../domain/failure';
import { type Random, random } from '../../domain/random';
import { type OcrDocument, openDocument } from '../../ocr/document';
import type { DocumentFault } from '../../ocr/documentFailure';
import { readObject } from '../../release/adapters/google/objects';
import type { ReleaseContext } from '../../release/ports/context';

/** Read of one kind and size, as far as their mean size allows; at least two, which say how documents differ. */
const BYTES_PER_STRATUM = 128 * 2 ** 20;
const LEAST_DOCUMENTS = 2;
/** Of one document, at random: the share of pages with a text layer is much alike in one document. */
const PAGES_PER_DOCUMENT = 4;
/** What decides between text layer and GPU does not depend on the picture's size, and a small one is drawn faster. */
const PICTURE_PIXELS = 64;
const SEED = 7;

/** Kinds that no reader opens as one document. */
const isRead = ({ kind, size }: Pick<Stratum, 'kind' | 'size'>): boolean =>
  kind !== 'archive' && size !== TOO_LARGE;

/**
 * Reads the sampled documents of each kind and size as the client would: pages, and those whose text layer can be taken. One
 * document is in memory at a time. What is gone since the listing is left out.
 * @throws Failure `BATCH_CHANGING` (3).
 */
export async function readSamples(
  context: Pick<ReleaseContext, 'call' | 'signal' | 'progress'>,
  bucket: string,
  strata: readonly Stratum[],
): Promise<SampledStratum[]> {
  const picking = random(SEED);
  const read: SampledStratum[] = [];
  for (const { sample, ...stratum } of strata) {
    const sampled: SampledDocument[] = [];
    for (const object of isRead(stratum) ? sample.slice(0, sampleSize(stratum)) : []) {
      const document = await readSample(context, bucket, object, picking);
      if (document !== undefined) sampled.push(document);
    }
    if (isRead(stratum) && sampled.length === 0) throw allGone(bucket, sample);
    if (sampled.length > 0)
      context.progress(`${stratum.kind} ${stratum.size}: ${sampled.length} of ${stratum.documents} read`);
    read.push({ ...stratum, sampled });
  }
  return read;
}

/** Nothing can be said of documents of which not one was seen. */
function allGone(bucket: string, sample: readonly ListedObject[]): Failure {
  return new Failure({
    code: 'BATCH_CHANGING',
    message: 'Documents that were listed a moment ago are gone; the folder is being changed.',
    where: `gs://${bucket}/${sample[0]!.name}`,
    got: `none of ${sample.length} found`,
    remedy: 'run the same command again when the folder is as it shall be read',
    exitCode: 3,
  });
}

/** From what is known of all of them, never from those that were read: that would prefer small ones. */
const sampleSize = ({ documents, bytes }: Pick<Stratum, 'documents' | 'bytes'>): number =>
  Math.max(LEAST_DOCUMENTS, Math.floor(BYTES_PER_STRATUM / (bytes / documents)));

async function readSample(
  { call, signal }: Pick<ReleaseContext, 'call' | 'signal'>,
  bucket: string,
  object: ListedObject,
  picking: Random,
): Promise<SampledDocument | undefined> {
  const content = await readObject(call, bucket, object, signal);
  if (content === undefined) return undefined;
  try {
    const name = `gs://${bucket}/${object.name}`;
    const document = await openDocument({ name, content }, { longestSidePixels: PICTURE_PIXELS, signal });
    const pages = await pagesOf(document, picking, signal).finally(document.close);
    return { bytes: object.bytes, ...pages };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { bytes: object.bytes, pages: 0, looked: 0, text: 0, gpu: 0, unreadable: error.code };
  }
}

async function pagesOf(
  document: OcrDocument,
  picking: Random,
  signal: AbortSignal,
): Promise<Omit<SampledDocument, 'bytes'>> {
  const { pageCount: pages } = document;
  const numbers = drawn(pages, picking);
  const kinds: PageKind[] = [];
  // One after the other: each thread that reads would have a pdfium and a copy of the file of its own.
  for (const number of numbers) kinds.push(await kindOfPage(document, number, signal));
  const count = (wanted: PageKind) => kinds.filter((kind) => kind === wanted).length;
  return { pages, looked: numbers.length, text: count('text'), gpu: count('gpu') };
}

type PageKind = 'text' | 'gpu' | 'unreadable';

/** A page that nobody can read costs neither. */
async function kindOfPage(document: OcrDocument, number: number, signal: AbortSignal): Promise<PageKind> {
  try {
    return (await document.page(number, signal)).kind === 'text' ? 'text' : 'gpu';
  } catch (error) {
    if (!isFault(error)) throw error;
    return 'unreadable';
  }
}

/** Different page numbers, at random. */
function drawn(pages: number, picking: Random): number[] {
  const all = Array.from({ length: pages }, (_, index) => index + 1);
  if (pages <= PAGES_PER_DOCUMENT) return all;
  return Array.from({ length: PAGES_PER_DOCUMENT }, () => all.splice(picking.below(all.length), 1)[0]!);
}

const FAULTS: Readonly<Record<DocumentFault, true>> = {
  UNREADABLE_DOCUMENT: true,
  UNREADABLE_PAGE: true,
  ENCRYPTED_DOCUMENT: true,
  DOCUMENT_TOO_LARGE: true,
  PAGE_OVER_BOUNDS: true,
  DOCUMENT_NOT_FETCHED: true,
};
const isFault = (error: unknown): error is Failure =>
  error instanceof Failure && Object.hasOwn(FAULTS, error.code);
