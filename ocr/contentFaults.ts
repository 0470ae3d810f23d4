import { inflateRawSync } from 'node:zlib';
import { entry, type PlainObject, type PlainPage } from './plainPage';
import { isArray, isDictionary, type PdfValue } from './pdfValue';

/** What keeps a part of a page's content from being drawn. */
export interface ContentFault {
  /** In words, for a warning: names of filters, never content. */
  readonly what: string;
  /** Whether nothing of that stream can be read, or only what comes before a fault. */
  readonly lost: 'all' | 'rest';
}

/** Filters of PDF 32000-1, 7.4, that leave text; the others are of images. */
const TEXT_FILTERS = [
  'FlateDecode',
  'Fl',
  'LZWDecode',
  'LZW',
  'ASCII85Decode',
  'A85',
  'ASCIIHexDecode',
  'AHx',
  'RunLengthDecode',
  'RL',
  'Crypt',
];
/** Forms within forms; a page that nests deeper is read as far. */
const MOST_DEPTH = 8;

/** Streams of a page's content that cannot be decoded: its own, those of its forms and its patterns. */
export function contentFaults(plain: PlainPage): ContentFault[] {
  const faults: ContentFault[] = [];
  const seen = new Set<PlainObject>();
  const visit = (holder: PlainObject, streams: readonly (PdfValue | undefined)[], depth: number) => {
    for (const value of streams) faults.push(...streamFault(plain, value));
    if (depth >= MOST_DEPTH) return;
    const resources = plain.resolve(entry(holder.value, 'Resources'))?.value;
    for (const kind of ['XObject', 'Pattern']) {
      const named = plain.resolve(entry(resources, kind))?.value;
      if (!isDictionary(named)) continue;
      for (const value of named.values()) {
        const object = plain.resolve(value);
        if (object === undefined || seen.has(object)) continue;
        seen.add(object);
        if (object.stream && nameOf(entry(object.value, 'Subtype')) !== 'Image')
          visit(object, [value], depth + 1);
      }
    }
  };
  const contents = entry(plain.page.value, 'Contents');
  const resolved = plain.resolve(contents)?.value;
  visit(plain.page, isArray(resolved) ? resolved : [contents], 0);
  return faults;
}

function streamFault(plain: PlainPage, value: PdfValue | undefined): ContentFault[] {
  if (value === undefined || value === null) return [];
  const object = plain.resolve(value);
  if (object?.stream === undefined) return [{ what: 'a content stream that is not there', lost: 'all' }];
  const filters = filtersOf(plain, object);
  const unknown = filters.find((filter) => !TEXT_FILTERS.includes(filter));
  if (unknown !== undefined) return [{ what: `a content stream in the filter ${unknown}`, lost: 'all' }];
  const [first] = filters;
  if (first !== 'FlateDecode' && first !== 'Fl') return [];
  return inflateFault(object.stream);
}

/** A wrong or missing checksum loses nothing, so the data are read without it (RFC 1950, 2.2: two bytes stand before them). */
function inflateFault(data: Buffer): ContentFault[] {
  if (data.length < 2) return [];
  if ((data[0]! & 0x0f) !== 8 || data.readUInt16BE(0) % 31 !== 0)
    return [{ what: 'a content stream whose compressed data are corrupt', lost: 'all' }];
  try {
    inflateRawSync(data.subarray(2));
    return [];
  } catch (error) {
    const isCut = (error as Error).message.includes('unexpected end of file');
    const what = `a content stream whose compressed data ${isCut ? 'end too early' : 'are corrupt'}`;
    return [{ what, lost: 'rest' }];
  }
}

function filtersOf(plain: PlainPage, { value }: PlainObject): string[] {
  const filter = plain.resolve(entry(value, 'Filter'))?.value;
  const all = isArray(filter) ? filter : [filter];
  return all.map((one) => nameOf(plain.resolve(one)?.value)).filter((name) => name !== '');
}

function nameOf(value: PdfValue | undefined): string {
  return value !== undefined && value !== null && typeof value === 'object' && 'name' in value
    ? value.name
    : '';
}
