import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Failure, messageOf } from '../domain/failure';

/**
 * Does something with an output file or folder.
 * @throws Failure OUTPUT_NOT_WRITABLE for what the system refuses: no such folder, no permission, no room.
 */
export function writing<T>(
  output: string,
  act: () => T,
  remedy = 'name a place that may be written and has room',
): T {
  try {
    return act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw notWritable(output, messageOf(error), remedy, error);
  }
}

/**
 * Sees whether `replaceFile` could write this file, before anything is paid for. Nothing is changed.
 * @throws Failure OUTPUT_NOT_WRITABLE, also for what is no file: it would be replaced by one.
 */
export function needReplaceable(file: string): void {
  writing(file, () => {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
      throw notWritable(file, 'a folder, a device or a pipe', 'name a file');
    const next = nextOf(file);
    writeFileSync(next, '');
    rmSync(next);
  });
}

/** All or nothing: another file takes this one's place, or that of the file it links to, when it is on the disk. */
export function replaceFile(file: string, pieces: Iterable<string | Uint8Array>, remedy?: string): void {
  const replace = () => {
    const next = nextOf(file);
    try {
      const descriptor = openSync(next, 'w');
      try {
        for (const piece of pieces) writeFileSync(descriptor, piece);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(next, next.slice(0, -NEXT.length));
    } catch (error) {
      rmSync(next, { force: true });
      throw error;
    }
  };
  writing(file, replace, remedy);
}

const NEXT = '.next';
const nextOf = (file: string) => `${targetOf(file)}${NEXT}`;

/** Where the file is, or will be: a link may name what is not there yet. A circle of links is refused by `statSync`. */
function targetOf(file: string): string {
  if (statSync(file, { throwIfNoEntry: false })) return realpathSync(file);
  if (!lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) return file;
  return targetOf(resolve(realpathSync(dirname(file)), readlinkSync(file)));
}

function notWritable(where: string, got: string, remedy: string, cause?: unknown): Failure {
  return new Failure(
    {
      code: 'OUTPUT_NOT_WRITABLE',
      message: 'The output cannot be written.',
      where,
      got,
      remedy,
      exitCode: 2,
    },
    { cause },
  );
}
