/**
 * Exit codes of every command (docs/decisions/2026-11-24-exit-codes.md):
 * 0 done, 1 failed and put back, 2 usage or configuration, 3 stopped: a person is needed, 4 superseded.
 */
export type ExitCode = 1 | 2 | 3 | 4;

export interface FailureDetails {
  /** Stable, upper-case, for scripts and tests: `UNKNOWN_DEPLOYMENT`. */
  readonly code: string;
  /** What happened, one sentence. */
  readonly message: string;
  /** Where: file and key, construct path, revision, URL. */
  readonly where: string;
  /** What was found there, as read. */
  readonly got?: string;
  /** The command or the edit that mends it. */
  readonly remedy: string;
  readonly exitCode: ExitCode;
}

/** The one error that commands throw on purpose. Anything else that reaches the entry is a bug and says so. */
export class Failure extends Error {
  readonly code: string;
  readonly where: string;
  readonly got?: string;
  readonly remedy: string;
  readonly exitCode: ExitCode;

  constructor(details: FailureDetails, options?: ErrorOptions) {
    super(details.message, options);
    this.name = 'Failure';
    this.code = details.code;
    this.where = details.where;
    this.got = details.got;
    this.remedy = details.remedy;
    this.exitCode = details.exitCode;
  }

  /** The form that a person reads: code, what, where, got, remedy; a line each. */
  override toString(): string {
    const got = this.got === undefined ? '' : `\n  got:    ${this.got}`;
    return `${this.code}: ${this.message}\n  where:  ${this.where}${got}\n  remedy: ${this.remedy}`;
  }
}

/** `String(error)` for anything that was thrown, without the `Error: ` in front. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
