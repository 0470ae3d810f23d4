import { Failure } from './failure';

/**
 * What a check ends with. `not yet`: nothing is wrong, a step that makes it has not been done. `cannot tell`: it could not
 * be looked at, or looking does not settle it; that is no pass.
 */
const FINDING_STATES = ['ok', 'wrong', 'not yet', 'cannot tell'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

/** What doctor looks at, in the order in which it is shown: what the rest stands on comes first. */
export const CHECKS = [
  'project',
  'apis',
  'caller',
  'region',
  'quota',
  'buckets',
  'images',
  'identities',
  'federation',
  'service',
  'traffic',
  'alerts',
  'gate',
] as const;
export type CheckId = (typeof CHECKS)[number];

export interface Finding {
  /** Group that it belongs to, as `--only` names it. */
  readonly check: string;
  /** What was looked at: `bucket state`. */
  readonly subject: string;
  readonly state: FindingState;
  /** What was seen, or why nothing could be. */
  readonly saw: string;
  /** The command, or the edit, that mends it; always there unless the state is `ok`. */
  readonly mend?: string;
}

/** How many findings there are of each state. */
function countFindings(findings: readonly Finding[]): Readonly<Record<FindingState, number>> {
  const count = (wanted: FindingState) => findings.filter(({ state }) => state === wanted).length;
  return {
    ok: count('ok'),
    wrong: count('wrong'),
    'not yet': count('not yet'),
    'cannot tell': count('cannot tell'),
  };
}

/** `12 ok, 1 wrong, 2 cannot tell`; what there is none of is left out, but for `ok`. */
export function describeCounts(findings: readonly Finding[]): string {
  const counts = countFindings(findings);
  return FINDING_STATES.filter((state) => state === 'ok' || counts[state] > 0)
    .map((state) => `${counts[state]} ${state}`)
    .join(', ');
}

/** Exit code 3 unless every finding is `ok`: what could not be looked at is no pass, and no finding at all is none either. */
export function findingsFailure(deployment: string, findings: readonly Finding[]): Failure | undefined {
  const open = findings.filter(({ state }) => state !== 'ok');
  if (open.length === 0 && findings.length > 0) return undefined;
  const [first] = [...open].sort((a, b) => rank(a) - rank(b));
  return new Failure({
    code: 'NOT_HEALTHY',
    message:
      first === undefined
        ? 'Nothing was looked at.'
        : `Not everything is as it should be: ${describeCounts(findings)}.`,
    where: `deployment ${deployment}`,
    ...(first && { got: `${first.subject}: ${first.saw}` }),
    remedy: first?.mend ?? `bin/lightonocr doctor ${deployment}`,
    exitCode: 3,
  });
}

const rank = ({ state }: Finding): number => ['wrong', 'not yet', 'cannot tell', 'ok'].indexOf(state);
