/** `WebAssembly.Table` of functions. */
export interface FunctionTable {
  readonly length: number;
  grow(entries: number): number;
  set(index: number, entry: unknown): void;
}

const TABLE_SECTION = 4;
/** Header of a module: magic number and version (WebAssembly core specification, 5.5.16). */
const HEADER_BYTES = 8;
/** Largest number that two bytes of LEB128 hold. */
const TWO_BYTES_LARGEST = [0xff, 0x7f] as const;

/**
 * The module with a table of functions that may grow. This build of pdfium fixes its size, and callbacks need entries of
 * their own: `Table.grow` fails otherwise. Only the limit's two bytes change.
 * @throws Error for a module whose table is not as this build's.
 */
export function withLargerTable(module: Buffer): Buffer {
  const changed = Buffer.from(module);
  for (let at = HEADER_BYTES; at < changed.length;) {
    const id = changed[at]!;
    const size = lengthAt(changed, at + 1);
    if (id !== TABLE_SECTION) {
      at = size.end + size.value;
      continue;
    }
    // One table (1) of functions (0x70) with a minimum and a maximum (1), each two bytes.
    const [tables, type, limits] = changed.subarray(size.end);
    if (tables !== 1 || type !== 0x70 || limits !== 1 || size.value !== 7) break;
    changed.set(TWO_BYTES_LARGEST, size.end + 5);
    return changed;
  }
  throw new Error('pdfium.wasm has no table of functions of the expected form');
}

/** Unsigned LEB128. */
function lengthAt(bytes: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start, shift = 0; ; at++, shift += 7) {
    const byte = bytes[at]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, end: at + 1 };
  }
}

const I32 = 0x7f;

/**
 * A pointer for C to a function of 32-bit integers. It stays in the table as long as the instance lives.
 * WebAssembly takes only its own functions: a module of one imported function makes one of `call`.
 */
export function callbackPointer(
  { __indirect_function_table: table }: { readonly __indirect_function_table: FunctionTable },
  parameters: number,
  call: (...values: number[]) => number | void,
  result: 'int' | 'void' = 'int',
): number {
  const results = result === 'void' ? [0] : [1, I32];
  const type = [0x60, parameters, ...Array.from({ length: parameters }, () => I32), ...results];
  const module = Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic number, version
    ...[1, type.length + 1, 1, ...type], // types
    ...[2, 7, 1, 1, 0x65, 1, 0x66, 0, 0], // import "e" "f"
    ...[7, 5, 1, 1, 0x66, 0, 0], // export "f"
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { e: { f: call } });
  const index = table.grow(1);
  table.set(index, (exports as { f: unknown }).f);
  return index;
}
