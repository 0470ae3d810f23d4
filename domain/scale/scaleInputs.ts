import { Failure } from '../failure';
import { LONGEST_REASON } from '../releases/rollbackInputs';

/** What `scale` is asked for: a number of instances, `zero` is 0, or what was there before. */
export type ScaleTarget = number | 'restore';

/** `zero`, `restore` or a number; undefined for any other word. A stop needs a reason, so that a slip to 0 stops nothing. */
export function scaleTarget(word: string): ScaleTarget | undefined {
  if (word === 'restore') return word;
  if (word === 'zero') return 0;
  return /^(0|[1-9]\d{0,3})$/.test(word) ? Number(word) : undefined;
}

/** Why it is scaled, trimmed. @throws Failure `BAD_INPUT`, exit code 2, with everything that is wrong. */
export function scaleReason(target: ScaleTarget, given: string | undefined): string {
  const reason = given?.trim() ?? '';
  const wrong = [
    ...(reason === '' && target !== 'restore' ? ['--reason is missing or empty'] : []),
    ...(reason.length > LONGEST_REASON
      ? [`--reason has ${reason.length} characters, at most ${LONGEST_REASON}`]
      : []),
  ];
  if (wrong.length === 0) return reason;
  throw new Failure({
    code: 'BAD_INPUT',
    message: wrong.join('; '),
    where: 'scale',
    got: JSON.stringify({
      instances: target === 0 ? 'zero' : target,
      reason: reason.slice(0, LONGEST_REASON),
    }),
    remedy:
      'to stop the service: bin/lightonocr scale DEPLOYMENT zero --reason TEXT; to put it back: bin/lightonocr scale DEPLOYMENT restore',
    exitCode: 2,
  });
}
