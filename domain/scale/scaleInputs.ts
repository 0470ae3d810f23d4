import { Failure } from '../failure';
import { LONGEST_REASON } from '../releases/rollbackInputs';

/** What `scale` is asked for: a number of instances, 0 for `zero`, or what was there before. */
export type ScaleTarget = number | 'restore';

/** `zero`, `restore` or a number, and why. @throws Failure `BAD_INPUT`, exit code 2, with everything that is wrong. */
export function scaleInputs(
  word: string,
  given: string | undefined,
): { readonly target: ScaleTarget; readonly reason: string } {
  const reason = given?.trim() ?? '';
  const target =
    word === 'restore' ? word : word === 'zero' ? 0 : /^[1-9]\d{0,3}$/.test(word) ? Number(word) : undefined;
  const wrong = [
    ...(target === undefined ? ['it is none of zero, restore and a number of instances from 1'] : []),
    ...(reason === '' && target !== 'restore' ? ['--reason is missing or empty'] : []),
    ...(reason.length > LONGEST_REASON
      ? [`--reason has ${reason.length} characters, at most ${LONGEST_REASON}`]
      : []),
  ];
  if (target !== undefined && wrong.length === 0) return { target, reason };
  throw new Failure({
    code: 'BAD_INPUT',
    message: wrong.join('; '),
    where: 'scale',
    got: JSON.stringify({ instances: word, reason: reason.slice(0, LONGEST_REASON) }),
    remedy:
      'to stop the service: bin/lightonocr scale DEPLOYMENT zero --reason TEXT; to put it back: bin/lightonocr scale DEPLOYMENT restore',
    exitCode: 2,
  });
}
