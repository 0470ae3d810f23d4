/** A value in a PDF file (PDF 32000-1, 7.3): names as `{name}`, strings as their bytes, dictionaries as maps. */
export type PdfValue =
  | null
  | boolean
  | number
  | Buffer
  | { readonly name: string }
  | { readonly reference: number }
  | readonly PdfValue[]
  | ReadonlyMap<string, PdfValue>;

/** Deeper than any page's; a file that nests without an end is read no further. */
const MOST_DEPTH = 100;
const SPACE = /[\0\t\n\f\r ]/;
const DELIMITER = /[\0\t\n\f\r ()<>[\]{}/%]/;
const REFERENCE = /^(\d+)[\0\t\n\f\r ]+\d+[\0\t\n\f\r ]+R(?![A-Za-z0-9])/;

/** Reads the value that begins at `start`, or after white space there. `end` is where it ends. Never throws: what is no value is null. */
export function parseValue(file: Buffer, start: number, depth = 0): { value: PdfValue; end: number } {
  let at = start;
  while (at < file.length && SPACE.test(charAt(file, at))) at++;
  const char = charAt(file, at);
  if (depth > MOST_DEPTH) return { value: null, end: file.length };
  if (char === '<' && charAt(file, at + 1) === '<') return parseDictionary(file, at + 2, depth);
  if (char === '<') return parseHex(file, at + 1);
  if (char === '(') return parseString(file, at + 1);
  if (char === '[') return parseArray(file, at + 1, depth);
  if (char === '/') {
    const end = tokenEnd(file, at + 1);
    return { value: { name: nameOf(file.toString('latin1', at + 1, end)) }, end };
  }
  const reference = REFERENCE.exec(file.toString('latin1', at, at + 24));
  if (reference) return { value: { reference: Number(reference[1]) }, end: at + reference[0].length };
  const end = Math.max(at + 1, tokenEnd(file, at));
  const word = file.toString('latin1', at, end);
  if (word === 'true' || word === 'false') return { value: word === 'true', end };
  const number = Number(word);
  return { value: word === '' || Number.isNaN(number) ? null : number, end };
}

function parseDictionary(file: Buffer, start: number, depth: number): { value: PdfValue; end: number } {
  const entries = new Map<string, PdfValue>();
  for (let at = start; at < file.length;) {
    if (SPACE.test(charAt(file, at))) at++;
    else if (charAt(file, at) === '>') return { value: entries, end: at + 2 };
    else {
      const key = parseValue(file, at, depth + 1);
      const { value, end } = parseValue(file, key.end, depth + 1);
      if (key.value !== null && typeof key.value === 'object' && 'name' in key.value)
        entries.set(key.value.name, value);
      at = end;
    }
  }
  return { value: entries, end: file.length };
}

function parseArray(file: Buffer, start: number, depth: number): { value: PdfValue; end: number } {
  const items: PdfValue[] = [];
  for (let at = start; at < file.length;) {
    if (SPACE.test(charAt(file, at))) at++;
    else if (charAt(file, at) === ']') return { value: items, end: at + 1 };
    else {
      const { value, end } = parseValue(file, at, depth + 1);
      items.push(value);
      at = end;
    }
  }
  return { value: items, end: file.length };
}

/** The bytes of a string are not needed: only where it ends. */
function parseString(file: Buffer, start: number): { value: PdfValue; end: number } {
  let open = 1;
  for (let at = start; at < file.length; at++) {
    const char = charAt(file, at);
    if (char === '\\') at++;
    else if (char === '(') open++;
    else if (char === ')' && --open === 0) return { value: file.subarray(start, at), end: at + 1 };
  }
  return { value: file.subarray(start), end: file.length };
}

function parseHex(file: Buffer, start: number): { value: PdfValue; end: number } {
  const end = file.indexOf('>', start);
  if (end === -1) return { value: null, end: file.length };
  return { value: Buffer.from(file.toString('latin1', start, end), 'hex'), end: end + 1 };
}

const charAt = (file: Buffer, at: number): string => String.fromCharCode(file[at] ?? 0);

function tokenEnd(file: Buffer, start: number): number {
  let at = start;
  while (at < file.length && !DELIMITER.test(charAt(file, at))) at++;
  return at;
}

const nameOf = (written: string): string =>
  written.replace(/#([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));

export const isArray = (value: PdfValue | undefined): value is readonly PdfValue[] => Array.isArray(value);

export const isDictionary = (value: PdfValue | undefined): value is ReadonlyMap<string, PdfValue> =>
  value instanceof Map;
