import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { Failure, messageOf } from '../domain/failure';

/**
 * Does something with an output file or folder.
 * @throws Failure OUTPUT_NOT_WRITABLE for what the system refuses: no such folder, no permission, no room.
 */
export function writing<T>(output: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new Failure(
      {
        code: 'OUTPUT_NOT_WRITABLE',
        message: 'The output cannot be written.',
        where: output,
        got: messageOf(error),
        remedy: 'name a place that may be written and has room',
        exitCode: 2,
      },
      { cause: error },
    );
  }
}

/** All or nothing: another file takes this one's place when it is on the disk. */
export function replaceFile(file: string, content: string): void {
  writing(file, () => {
    const next = `${file}.next`;
    writeFileSync(next, content);
    const descriptor = openSync(next, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(next, file);
  });
}
