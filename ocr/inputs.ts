import { type Dirent } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DocumentSource } from './document';
import { DEFAULT_LIMITS } from './limits';
import { ZIP_LIMITS, zipEntries } from './zip';

/** A document that was named, or found in a folder or an archive. */
export interface Input {
  /** Its path; in an archive the archive's path, a slash and its path there. */
  readonly name: string;
  /** Bytes of an archive's file are unpacked when they are asked for. */
  source(this: void): DocumentSource;
}

/**
 * The documents that paths stand for. A folder stands for all files in it and below, by name, hidden ones left out; a ZIP for
 * the files in it. Whatever is no document is a failure of its own when it is opened.
 * @throws Failure UNREADABLE_DOCUMENT or DOCUMENT_TOO_LARGE for an archive.
 */
export async function findInputs(paths: readonly string[]): Promise<Input[]> {
  const found: Input[] = [];
  for (const path of paths)
    for (const file of (await stat(path)).isDirectory() ? await filesIn(path) : [path])
      found.push(...(await inputsOf(file)));
  return found;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const byName = (one: Dirent, other: Dirent) => (one.name < other.name ? -1 : 1);
  const files: string[] = [];
  for (const entry of entries.filter(({ name }) => !name.startsWith('.')).sort(byName)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesIn(path)));
    else if (entry.isFile()) files.push(path);
  }
  return files;
}

async function inputsOf(path: string): Promise<Input[]> {
  const plain = [{ name: path, source: () => path }];
  if (!(await mayBeZip(path))) return plain;
  const limits = { ...ZIP_LIMITS, maxFileBytes: DEFAULT_LIMITS.maxFileBytes };
  const entries = zipEntries(await readFile(path), path, limits);
  return (
    entries?.map(({ name, content }) => ({
      name: `${path}/${name}`,
      // A file that cannot be unpacked fails alone, as it is read.
      source: () => ({
        name: `${path}/${name}`,
        content: (async function* () {
          yield content();
        })(),
      }),
    })) ?? plain
  );
}

/** Looks at the first bytes of a file; a pipe is not touched. */
async function mayBeZip(path: string): Promise<boolean> {
  const { size } = await stat(path);
  if (size < 4 || size > DEFAULT_LIMITS.maxFileBytes || !(await stat(path)).isFile()) return false;
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'PK\x03\x04';
  } finally {
    await file.close();
  }
}
