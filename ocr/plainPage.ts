import { type Pdfium, withScratch } from './pdfium';
import { callbackPointer } from './pdfiumTable';
import { isArray, isDictionary, parseValue, type PdfValue } from './pdfValue';

/** An object of a PDF file; a stream has its bytes as they are in the file, not decoded. */
export interface PlainObject {
  readonly value: PdfValue;
  readonly stream?: Buffer;
}

/** One page as a file of its own, as pdfium writes it: no cross-reference streams, no encryption, every object by its number. */
export interface PlainPage {
  readonly page: PlainObject;
  /** What a reference points at, any other value itself; undefined for what is not there. */
  resolve(this: void, value: PdfValue | undefined): PlainObject | undefined;
}

/** FPDF_REMOVE_SECURITY (public/fpdf_save.h). */
const WITHOUT_SECURITY = 3;
const WRITER_VERSION = 1;

const writers = new WeakMap<Pdfium, { pointer: number; take(this: void): Buffer }>();

/**
 * Copies a page out of a document: what pdfium itself has found of it, whatever state the file is in. Undefined where pdfium
 * cannot copy it.
 */
export function plainPage(pdfium: Pdfium, document: number, index: number): PlainPage | undefined {
  const copy = pdfium.FPDF_CreateNewDocument();
  if (copy === 0) return undefined;
  try {
    const imported = withScratch(pdfium, 4, (indices) => {
      pdfium.memory().writeInt32LE(index, indices);
      return pdfium.FPDF_ImportPagesByIndex(copy, document, indices, 1, 0);
    });
    if (!imported) return undefined;
    return parsePlain(wholeFile(pdfium, copy));
  } finally {
    pdfium.FPDF_CloseDocument(copy);
  }
}

/** A document as pdfium writes it anew: every object by its number, not encrypted. */
export function wholeFile(pdfium: Pdfium, document: number): Buffer {
  const { pointer, take } = writerOf(pdfium);
  pdfium.FPDF_SaveAsCopy(document, pointer, WITHOUT_SECURITY);
  return take();
}

/** An FPDF_FILEWRITE that collects what is written; one for each pdfium, as entries of its table are never freed. */
function writerOf(pdfium: Pdfium) {
  const known = writers.get(pdfium);
  if (known) return known;
  let blocks: Buffer[] = [];
  const pointer = pdfium.malloc(8);
  const write = callbackPointer(pdfium, 3, (_writer, data = 0, bytes = 0) => {
    blocks.push(Buffer.from(pdfium.memory().subarray(data, data + bytes)));
    return 1;
  });
  pdfium.memory().writeInt32LE(WRITER_VERSION, pointer);
  pdfium.memory().writeInt32LE(write, pointer + 4);
  const writer = {
    pointer,
    take() {
      const file = Buffer.concat(blocks);
      blocks = [];
      return file;
    },
  };
  writers.set(pdfium, writer);
  return writer;
}

function parsePlain(file: Buffer): PlainPage | undefined {
  const offsets = offsetsOf(file);
  const read = new Map<number, PlainObject | undefined>();
  const objectAt = (number: number): PlainObject | undefined => {
    if (!read.has(number)) {
      const offset = offsets.get(number);
      read.set(number, offset === undefined ? undefined : parseObject(file, offset));
    }
    return read.get(number);
  };
  const resolve = (value: PdfValue | undefined): PlainObject | undefined => {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object' && 'reference' in value) return objectAt(value.reference);
    return { value };
  };
  // pdfium writes a catalog first, its page tree second, and one page into it.
  const pages = objectAt(2)?.value;
  const kids = entry(pages, 'Kids');
  const page = isArray(kids) ? resolve(kids[0]) : undefined;
  return page && { page, resolve };
}

/** Where each object stands, from the table at the end of the file. */
function offsetsOf(file: Buffer): Map<number, number> {
  const offsets = new Map<number, number>();
  const start = Number(/startxref\s+(\d+)/.exec(file.toString('latin1', Math.max(0, file.length - 64)))?.[1]);
  const table = file.toString('latin1', start, file.indexOf('trailer', start));
  let number = 0;
  for (const [, first, , kind] of table.matchAll(/(\d+) (\d+)(?: ([nf]))?\s/g)) {
    if (kind === undefined) number = Number(first);
    else if (kind === 'n') offsets.set(number++, Number(first));
    else number++;
  }
  return offsets;
}

function parseObject(file: Buffer, offset: number): PlainObject | undefined {
  const header = /^\s*\d+ \d+ obj\s*/.exec(file.toString('latin1', offset, offset + 40));
  if (header === null) return undefined;
  const { value, end } = parseValue(file, offset + header[0].length);
  const after = /^\s*stream\r?\n/.exec(file.toString('latin1', end, end + 16));
  const length = entry(value, 'Length');
  if (after === null || typeof length !== 'number') return { value };
  const start = end + after[0].length;
  return { value, stream: file.subarray(start, start + length) };
}

/** An entry of a dictionary; undefined for any other value. */
export function entry(value: PdfValue | undefined, key: string): PdfValue | undefined {
  return isDictionary(value) ? value.get(key) : undefined;
}
