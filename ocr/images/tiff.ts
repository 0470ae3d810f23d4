import { shapeOf } from './pixelShape';

/** A page of a TIFF. */
export interface TiffPage {
  /** Its place in the file, from 0. */
  readonly frame: number;
  /** As `pixelShape`. */
  readonly shape: number;
  /** Where its PhotometricInterpretation stands in the file, when it is 8 bits of CIELab. */
  readonly labTag?: number;
}

export interface TiffPages {
  readonly pages: readonly TiffPage[];
  /** Where the link to the next page stands that leads out of the file: it was cut, and pages are missing. */
  readonly cutLink?: number;
}

/** TIFF 6.0, section 8, and the supplements of 1995. */
const TAG = {
  newSubfileType: 254,
  subfileType: 255,
  bitsPerSample: 258,
  photometric: 262,
  xResolution: 282,
  yResolution: 283,
} as const;
const REDUCED_OR_MASK = 0b101;
const OLD_REDUCED = 2;
const MASK = 4;
const CIELAB = 8;
/** Bytes of the types that these tags have: BYTE, SHORT, LONG, RATIONAL, LONG8. */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 5: 8, 13: 4, 16: 8 };

/**
 * The pages of a TIFF or BigTIFF: thumbnails (NewSubfileType 1, SubfileType 2) and masks are left out, unless there is nothing
 * else. Undefined where the first directory cannot be read.
 */
export function tiffPages(bytes: Buffer, maxPages: number): TiffPages | undefined {
  const reader = readerOf(bytes);
  const seen = new Set<number>();
  const all: (TiffPage & { readonly isExtra: boolean })[] = [];
  let cutLink: number | undefined;
  let link = reader.firstLink;
  try {
    let next = reader.offset(link);
    while (next !== 0 && !seen.has(next) && all.length <= maxPages) {
      seen.add(next);
      if (next >= bytes.length) throw new RangeError('a directory outside of the file');
      const { entries, end } = reader.directory(next);
      all.push({ ...pageOf(entries, reader), frame: all.length });
      link = end;
      next = reader.offset(link);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    cutLink = link;
  }
  if (all.length === 0) return undefined;
  const whole = all.filter(({ isExtra }) => !isExtra);
  const pages = (whole.length > 0 ? whole : all).map(({ isExtra: _isExtra, ...page }) => page);
  return { pages, ...(cutLink !== undefined && { cutLink }) };
}

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Where its value stands, in the entry or elsewhere. */
  readonly at: number;
}

function pageOf(entries: readonly Entry[], { value }: Reader) {
  const of = (tag: number) => {
    const entry = entries.find((one) => one.tag === tag);
    return entry && value(entry);
  };
  const photometric = entries.find(({ tag }) => tag === TAG.photometric);
  const kind = photometric && value(photometric);
  const isExtra =
    ((of(TAG.newSubfileType) ?? 0) & REDUCED_OR_MASK) !== 0 ||
    of(TAG.subfileType) === OLD_REDUCED ||
    kind === MASK;
  const shape = shapeOf([of(TAG.xResolution) ?? 1, of(TAG.yResolution) ?? 1]);
  const isLab = kind === CIELAB && of(TAG.bitsPerSample) === 8;
  return { shape, isExtra, ...(isLab && { labTag: photometric!.at }) };
}

type Reader = ReturnType<typeof readerOf>;

function readerOf(bytes: Buffer) {
  const isLittle = bytes[0] === 0x49;
  const u16 = (at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const u64 = (at: number) => Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  const isBig = bytes.length > 4 && u16(2) === 43;
  const offset = isBig ? u64 : u32;
  const [countBytes, entryBytes, inlineBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
  return {
    offset,
    firstLink: isBig ? 8 : 4,
    directory(at: number): { entries: Entry[]; end: number } {
      const count = isBig ? u64(at) : u16(at);
      const end = at + countBytes + count * entryBytes;
      if (end > bytes.length) throw new RangeError('a directory outside of the file');
      const entries = Array.from({ length: count }, (_entry, place) => {
        const start = at + countBytes + place * entryBytes;
        const [tag, type, values] = [u16(start), u16(start + 2), offset(start + 4)];
        const inline = start + entryBytes - inlineBytes;
        const isInline = (TYPE_BYTES[type] ?? 8) * values <= inlineBytes;
        return { tag, type, count: values, at: isInline ? inline : offset(inline) };
      });
      return { entries, end };
    },
    /** The first of its values; undefined where it is no number, or lies outside of the file. */
    value({ type, at }: Entry): number | undefined {
      if (at + (TYPE_BYTES[type] ?? Infinity) > bytes.length) return undefined;
      if (type === 5) return u32(at) / u32(at + 4);
      return type === 1 ? bytes[at] : type === 3 ? u16(at) : type === 16 ? u64(at) : u32(at);
    },
  };
}
