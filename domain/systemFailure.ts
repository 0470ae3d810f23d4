import { Failure } from './failure';

/** What the operating system refuses (errno(3)), and what mends it. */
const REFUSALS: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  ENOSPC: ['The disk is full.', 'make room there'],
  EDQUOT: ['The disk quota is used up.', 'make room there'],
  EROFS: ['The disk may only be read.', 'work where it may be written'],
  EACCES: ['This account may not do that.', 'give it the permission, or work where it has it'],
  EPERM: ['This account may not do that.', 'give it the permission, or work where it has it'],
  ENOTDIR: ['A file is where a folder has to be.', 'move that file away'],
  EEXIST: ['A file is where a folder has to be.', 'move that file away'],
  EISDIR: ['A folder is where a file has to be.', 'move that folder away'],
  ENOENT: ['A file or program is missing.', 'see that it is there'],
  EMFILE: ['Too many files are open.', 'raise the limit (ulimit -n)'],
  ENFILE: ['Too many files are open.', 'end what has them open'],
  EIO: ['The disk failed.', 'see that it is well'],
};

/**
 * What the operating system refused, as a failure (`SYSTEM_REFUSED`, 3): a full disk is no defect of the program. Undefined
 * for any other error, also for those of the network, which whoever asks over it explains.
 */
export function systemFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', syscall, path } = error as NodeJS.ErrnoException;
  const [message, remedy] = REFUSALS[code] ?? [];
  if (message === undefined || remedy === undefined || syscall === undefined) return undefined;
  return new Failure(
    {
      code: 'SYSTEM_REFUSED',
      message,
      where: path ?? syscall,
      got: error.message,
      remedy: `${remedy}; then run the same command again`,
      exitCode: 3,
    },
    { cause: error },
  );
}
