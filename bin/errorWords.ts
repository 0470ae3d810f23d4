import { Failure, messageOf } from '../domain/failure';

/** True of the error with which a command ends that was stopped by a signal. */
export function isStopped(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** What a command says as it ends with an error: a failure in full, anything else in a line. */
export function errorWords(error: unknown): string {
  if (error instanceof Failure) return error.toString();
  if (isStopped(error)) return 'stopped; lightonocr reconcile DEPLOYMENT puts back what was under way';
  return `This is a defect, please report it: ${messageOf(error)}`;
}
