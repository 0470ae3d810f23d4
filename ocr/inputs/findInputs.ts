import { open, readFile, stat } from 'node:fs/promises';
import picomatch from 'picomatch';
import { Failure } from '../../domain/failure';
import { DEFAULT_LIMITS } from '../limits';
import { bucketInputs, type ObjectStore } from './bucket';
import { filesIn } from './folder';
import { type Input, inputsOfZip } from './input';
import { shownAddress, webInputs } from './web';

export interface FindOptions {
  /** For `gs://` addresses; asked for when there is one. */
  readonly objects: () => ObjectStore;
  /** Default Node's. */
  readonly fetch?: typeof fetch;
}

/**
 * The documents that names stand for, each once. A folder stands for all files in it and below, by name, hidden ones left out;
 * a pattern (`'scans/*.pdf'`) for the files that it matches; a ZIP for the files in it; `gs://BUCKET/…` for an object or all
 * below a prefix; `http(s)://` for what is there; `-` for standard input. What is no document is a failure of its own when it
 * is opened.
 * @throws Failure NO_SUCH_FILE for a name that stands for nothing; UNREADABLE_DOCUMENT, DOCUMENT_TOO_LARGE or
 * DOCUMENT_NOT_FETCHED for an archive.
 */
export async function findInputs(names: readonly string[], options: FindOptions): Promise<Input[]> {
  const found = new Map<string, Input>();
  const addresses = new Map<string, string>();
  for (const name of new Set(names)) {
    const inputs = await inputsFor(name, options, addresses);
    if (inputs.length === 0) throw nothingThere(name);
    for (const input of inputs) if (!found.has(input.name)) found.set(input.name, input);
  }
  return [...found.values()];
}

async function inputsFor(
  name: string,
  { objects, fetch = globalThis.fetch }: FindOptions,
  addresses: Map<string, string>,
): Promise<Input[]> {
  if (name === '-') return [localInput('/dev/stdin')];
  if (name.startsWith('gs://')) return bucketInputs(name, objects());
  if (/^https?:\/\//i.test(name)) {
    if (!URL.canParse(name)) throw nothingThere(name);
    return webInputs(name, distinct(name, addresses), fetch);
  }
  const found: Input[] = [];
  for (const file of await localFiles(name)) found.push(...(await inputsOfFile(file)));
  return found;
}

/** Two addresses that differ in their queries alone get two names. */
function distinct(address: string, addresses: Map<string, string>): string {
  const shown = shownAddress(address);
  let name = shown;
  for (let times = 2; (addresses.get(name) ?? address) !== address; times++) name = `${shown} (${times})`;
  addresses.set(name, address);
  return name;
}

/** A file or folder of that very name comes before a pattern. */
async function localFiles(name: string): Promise<string[]> {
  const there = await stat(name).catch(() => undefined);
  if (there) return there.isDirectory() ? filesIn(name) : [name];
  const { base, isGlob } = picomatch.scan(name);
  if (!isGlob) throw nothingThere(name);
  const isMeant = picomatch(name.replace(/^\.\//, ''));
  const files = await filesIn(base || '.').catch(() => []);
  return files.filter((file) => isMeant(file));
}

async function inputsOfFile(path: string): Promise<Input[]> {
  const plain = [localInput(path)];
  if (!(await mayBeZip(path))) return plain;
  return inputsOfZip(await readFile(path), path) ?? plain;
}

const localInput = (path: string): Input => ({ name: path, source: () => path });

/** Looks at the first bytes of a file; a pipe is not touched. */
async function mayBeZip(path: string): Promise<boolean> {
  const found = await stat(path);
  if (found.size < 4 || found.size > DEFAULT_LIMITS.maxFileBytes || !found.isFile()) return false;
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'PK\x03\x04';
  } finally {
    await file.close();
  }
}

function nothingThere(name: string): Failure {
  const isAddress = /^https?:\/\//i.test(name);
  return new Failure({
    code: 'NO_SUCH_FILE',
    message: 'There is no such file or folder, or nothing in it.',
    where: isAddress && URL.canParse(name) ? shownAddress(name) : name,
    remedy:
      'name a PDF, an image, a ZIP, a folder, a pattern in quotes, gs://BUCKET/NAME or https://…; - is standard input',
    exitCode: 2,
  });
}
