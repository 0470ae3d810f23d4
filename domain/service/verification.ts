import type { Deployment } from '../deployment';
import { Failure } from '../failure';
import type { SettingDifference } from './settingDifferences';
import { setUp, type Situation } from '../releases/situation';

/** What the service is, against what its deployment's file says. */
export interface Verification {
  readonly situation: Situation;
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
  /** That somebody has stopped the service or fixed its instances; empty while it scales by itself. */
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
  // A commit's label is ours: the ledger was deleted, and taking the service over anew would forget what it held.
  if (seen.situation === 'by hand' && seen.sha !== undefined)
    return [`bin/lightonocr doctor ${name} --only traffic`];
  if (seen.situation !== 'released') return setUp(seen.situation, { name }, 'service').split(' && ');
  const steps = [];
  const { intended } = seen;
  const to = intended === undefined ? '' : ` --to ${intended}`;
  if (seen.scaledByHand.length > 0) steps.push(`bin/lightonocr scale ${name} restore`);
  else if (!seen.ready) steps.push(`bin/lightonocr troubleshoot ${name}`);
  if (!seen.isReleased || !seen.asIntended)
    steps.push(`bin/lightonocr rollback ${name}${to} --reason "put back what was meant to serve"`);
  // A revision never changes: where a release made it, it is the file that was edited since.
  if (seen.differences.length > 0 && seen.isReleased) {
    steps.push(
      `bin/lightonocr plan ${name} --sha HEAD --review review.md`,
      `bin/lightonocr apply ${name} --plan PLAN --fingerprint FINGERPRINT`,
      `bin/lightonocr release ${name} --sha HEAD`,
    );
  }
  return steps;
}

/** Why the service is not what its file says; undefined when it is. Exit code 3. */
export function verificationFailure(deployment: Deployment, seen: Verification): Failure | undefined {
  const { differences, situation, ready, asIntended, isReleased, scaledByHand } = seen;
  const got = [
    ...(situation === 'empty' ? ['there is no service'] : []),
    ...(situation === 'by hand'
      ? [
          `${seen.sha === undefined ? 'it was made by hand' : 'the ledger is gone'}: nothing says what is meant to serve`,
        ]
      : []),
    ...(situation === 'empty' || ready ? [] : [seen.why ?? 'it is not ready']),
    ...scaledByHand,
    ...(situation === 'released' && !isReleased ? ['what serves was made by hand'] : []),
    ...(situation === 'released' && isReleased && !asIntended ? ['traffic is not as intended'] : []),
    ...(differences.length > 0 ? [`${differences.length} setting(s) differ`] : []),
  ];
  if (got.length === 0) return undefined;
  return new Failure({
    code: situation === 'empty' ? 'NO_SERVICE' : 'NOT_AS_DEPLOYED',
    message: 'The service is not what its deployment says.',
    where: `${deployment.service} in ${deployment.project}, ${deployment.region}`,
    got: got.join('; '),
    remedy: nextSteps(deployment, seen).join('; '),
    exitCode: 3,
  });
}
