import { Failure, messageOf } from '../domain/failure';

/** True of the error with which a command ends that was stopped by a signal. */
export function isStopped(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** What a command says as it ends with an error: a failure in full, anything else in a line. */
export function formatError(error: unknown): string {
  if (error instanceof Failure) return error.toString();
  if (isStopped(error)) return 'stopped; lightonocr reconcile DEPLOYMENT puts back what was under way';
  return `This is a defect, please report it: ${messageOf(error)}`;
}

/** An error as `--json` prints it: one line, the last of standard error. Absent fields were not known. */
interface JsonError {
  readonly code: string;
  readonly message: string;
  readonly where?: string;
  readonly observed?: string;
  readonly remedy?: string;
  readonly exitCode: number;
}

/** The same error for a program. `STOPPED`: by a signal; `DEFECT`: ours, with its stack as what was observed. */
export function jsonError(error: unknown, exitCode: number): string {
  const line = (value: JsonError) => JSON.stringify(value);
  if (error instanceof Failure) {
    const { code, message, where, got: observed, remedy } = error;
    return line({ code, message, where, observed, remedy, exitCode });
  }
  if (isStopped(error)) return line({ code: 'STOPPED', message: formatError(error), exitCode });
  return line({
    code: 'DEFECT',
    message: messageOf(error),
    observed: error instanceof Error ? error.stack : undefined,
    remedy: 'please report it',
    exitCode,
  });
}

/** A command line that was not understood, for a program. */
export function jsonUsageError(message: string, remedy: string): string {
  const error: JsonError = { code: 'USAGE', message, where: 'the command line', remedy, exitCode: 2 };
  return JSON.stringify(error);
}
