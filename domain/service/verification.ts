import type { Deployment } from '../deployment';
import { Failure } from '../failure';
import type { SettingDifference } from './settingDifferences';
import type { Lease } from '../releases/ledger';
import { findLedger, makeService, setUp, type Situation } from '../releases/projectState';
import { counted, utc } from '../words';

/** What the service is, against what its deployment's file says. */
export interface Verification {
  /** `unread`: there may be a ledger, and it cannot be read. */
  readonly situation: Situation | 'unread';
  /** Why not. */
  readonly ledgerFailure?: Failure;
  /** Lease of whoever is at work on the service: traffic may be on its way. */
  readonly atWork?: Lease;
  /** Absent where there is no service. */
  readonly url?: string;
  /** Ready in words; `why` where it is not. */
  readonly ready: boolean;
  readonly why?: string;
  /** Revision that has most of the traffic. */
  readonly revision?: string;
  readonly traffic: string;
  /** Revision that the ledger means to serve. */
  readonly intended?: string;
  /** That somebody has stopped the service, fixed its instances or gave it a minimum; empty while it scales by itself. */
  readonly scaledByHand: readonly string[];
  /** True when the ledger's intent, and nothing else, serves. */
  readonly asIntended: boolean;
  readonly image?: string;
  /** Commit that the revision was made of; absent on one that was made by hand. */
  readonly sha?: string;
  /** True for a revision that the ledger knows. */
  readonly isReleased: boolean;
  /** Settings of that revision that are not what the file says. */
  readonly differences: readonly SettingDifference[];
}

/** What to do next, as commands in order; empty when everything is as it should be. */
export function nextSteps({ name }: Pick<Deployment, 'name'>, seen: Verification): string[] {
  const { situation, url, sha, intended, isReleased } = seen;
  if (url === undefined) return [makeService({ name })];
  // A commit's label is ours: the ledger was deleted, and taking the service over anew would forget what it held.
  if (situation === 'by hand' && sha !== undefined) return [findLedger({ name })];
  if (situation === 'by hand') return setUp(situation, { name }, 'service').split(' && ');
  const isScaled = seen.scaledByHand.length > 0;
  const steps = isScaled ? [`bin/lightonocr scale ${name} restore`] : [];
  const find = isScaled || seen.ready ? [] : [`bin/lightonocr troubleshoot ${name}`];
  if (situation === 'unread') return [...steps, ...find];
  if (isUnderWay(seen)) return [...steps, ...find, `bin/lightonocr status ${name}`];
  if ((!isReleased || !seen.asIntended) && intended !== undefined)
    steps.push(
      `bin/lightonocr rollback ${name} --to ${intended} --reason "put back what was meant to serve"`,
    );
  steps.push(...find); // what is wrong is looked for once callers have what was good
  // A revision never changes: where a release made it, it is the file that was edited since; the ingress is in every plan.
  if (seen.differences.length > 0 && isReleased) {
    steps.push(
      `bin/lightonocr plan ${name} --sha HEAD --review review.md`,
      `bin/lightonocr apply ${name} --plan PLAN --fingerprint FINGERPRINT`,
      `bin/lightonocr release ${name} --sha HEAD`,
    );
  } else if (intended === undefined) steps.push(`bin/lightonocr release ${name} --sha HEAD`);
  return steps;
}

/** True while what is not as it should be may be somebody's work, which a command from here would undo. */
const isUnderWay = ({ atWork, isReleased, asIntended, differences }: Verification) =>
  atWork !== undefined && (!isReleased || !asIntended || differences.length > 0);

/** Why the service is not what its file says, or cannot be compared with it; undefined when it is. Exit code 3. */
export function verificationFailure(deployment: Deployment, seen: Verification): Failure | undefined {
  const { differences, situation, url, ready, scaledByHand } = seen;
  if (seen.ledgerFailure) return seen.ledgerFailure;
  const got = [
    ...(url === undefined ? ['there is no service'] : []),
    ...(situation === 'by hand'
      ? [
          `${seen.sha === undefined ? 'it was made by hand' : 'the ledger is gone'}: nothing says what is meant to serve`,
        ]
      : []),
    ...(url === undefined || ready ? [] : [seen.why ?? 'it is not ready']),
    ...scaledByHand,
    ...(url !== undefined && situation === 'released' ? trafficWords(seen) : []),
    ...(differences.length > 0
      ? [`${counted(differences.length, 'setting')} ${differences.length === 1 ? 'differs' : 'differ'}`]
      : []),
  ];
  if (got.length === 0) return undefined;
  return new Failure({
    code: url === undefined ? 'NO_SERVICE' : 'NOT_AS_DEPLOYED',
    message: 'The service is not what its deployment says.',
    where: `${deployment.service} in ${deployment.project}, ${deployment.region}`,
    got: got.join('; '),
    remedy: nextSteps(deployment, seen).join('; '),
    exitCode: 3,
  });
}

/** What is wrong with the traffic of a service that the ledger knows; or who is at work on it. */
function trafficWords(seen: Verification): string[] {
  const { atWork, isReleased, asIntended, intended } = seen;
  return [
    ...(isReleased ? [] : ['what serves was made by hand']),
    ...(atWork && isUnderWay(seen) ? [atWorkWords(atWork)] : []),
    ...(isReleased && !asIntended && !atWork
      ? [intended === undefined ? 'nothing has been released' : 'traffic is not as intended']
      : []),
  ];
}

export const atWorkWords = ({ holder, expiresAt }: Lease) => `${holder} is at work until ${utc(expiresAt)}`;
