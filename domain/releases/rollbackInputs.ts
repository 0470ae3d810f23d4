import { Failure } from '../failure';

/** A revision's name or a SHA of at least seven characters; what a workflow's form hands in is neither trimmed nor checked. */
const TARGET = /^([a-z][a-z0-9-]{0,62}|[0-9a-f]{7,40})$/;
/** Bounds what a ledger entry, a hold and every review after it repeat. */
export const LONGEST_REASON = 500;

/** What a person types into the form of rollback.yml, or at a terminal. */
export interface RollbackInputs {
  readonly to?: string;
  readonly further?: boolean;
  readonly reason: string;
}

/** The same, trimmed. @throws Failure `BAD_INPUT`, exit code 2, with everything that is wrong. */
export function rollbackInputs<T extends RollbackInputs>(inputs: T, command = 'rollback'): T {
  const reason = inputs.reason.trim();
  const to = inputs.to?.trim();
  const wrong = [
    ...(reason === '' ? ['--reason is empty'] : []),
    ...(reason.length > LONGEST_REASON
      ? [`--reason has ${reason.length} characters, at most ${LONGEST_REASON}`]
      : []),
    ...(to !== undefined && inputs.further ? ['--further goes with no --to'] : []),
    ...(to !== undefined && !TARGET.test(to) ? ['--to is neither the name of a revision nor a SHA'] : []),
  ];
  if (wrong.length === 0) return { ...inputs, reason, ...(to !== undefined && { to }) };
  throw new Failure({
    code: 'BAD_INPUT',
    message: wrong.join('; '),
    where: command,
    got: JSON.stringify({ to, reason: reason.slice(0, LONGEST_REASON) }),
    remedy:
      'say why in a sentence, for whoever reads the history; name the target as bin/lightonocr status DEPLOYMENT prints it, or leave it out',
    exitCode: 2,
  });
}
