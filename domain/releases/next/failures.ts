import { Failure } from '../../failure';
import type { Lease, Ledger } from '../ledgerTypes';
import { supersededBy } from '../cause';
import { makeService } from '../projectState';
import { describeShares, describeTraffic } from '../traffic';
import type { ObservedService } from './snapshot';
import type { Place } from './run';

export const noService = ({ deployment }: Place): Failure =>
  new Failure({
    code: 'NO_SERVICE',
    message: 'The service does not exist.',
    where: `service ${deployment.service} in ${deployment.region}`,
    remedy: makeService(deployment),
    exitCode: 3,
  });

/**
 * Superseded by a rollback or another release: exit code 4, and whoever is superseded touches nothing.
 * @param since the epoch in which it began; names who superseded it.
 */
export function superseded(place: Place, ledger: Ledger, since?: number): Failure {
  const { epoch, intent, lease } = ledger;
  const cause = since === undefined ? undefined : supersededBy(ledger, since);
  const who = cause ? `superseded by ${cause.by} at ${cause.at} (${cause.text}); ` : '';
  return new Failure({
    code: 'SUPERSEDED',
    message: 'Somebody else has moved on since this command began; it stops and leaves traffic as it is.',
    where: place.ledgerUrl,
    got: `${who}epoch ${epoch}${intent ? `, desired ${intent.revision} by ${intent.by} (${intent.reason})` : ''}${lease ? `, lease of ${lease.holder}` : ''}`,
    remedy: `see what happened: bin/lightonocr status ${place.deployment.name}`,
    exitCode: 4,
  });
}

/**
 * Why a lease is not the valid one any more. Nobody else has moved on where `reconcile` alone has: it took the holder for dead
 * and aborted its release. That release has failed, exit code 1, and must not pass for one that something newer replaced.
 */
export function leaseLost(place: Place, ledger: Ledger, lease: Lease): Failure {
  const { intent, scale, releases } = ledger;
  const entry = releases.find(({ epoch }) => epoch === lease.epoch);
  const isNewer = [intent, scale].some((decision) => decision !== undefined && decision.epoch > lease.epoch);
  if (isNewer || entry === undefined || !['put-back', 'failed'].includes(entry.state))
    return superseded(place, ledger, lease.epoch);
  return new Failure({
    code: 'RELEASE_PUT_BACK',
    message: 'This release was put back while it was still at work: it had not renewed its lease in time.',
    where: place.ledgerUrl,
    got: `${entry.revision} ${entry.state}: ${entry.reason}`,
    remedy: `see that this machine reaches the ledger all the time, then deploy again: bin/lightonocr plan ${place.deployment.name} --sha ${entry.sha}`,
    exitCode: 1,
  });
}

/** A write of the service that did not come to what was asked for. */
export function notMoved({ deployment }: Place, code: string, message: string, got: string): Failure {
  return new Failure({
    code,
    message,
    where: `service ${deployment.service}`,
    got,
    remedy: `look at it: bin/lightonocr status ${deployment.name}; then run the same command again`,
    exitCode: 3,
  });
}

export function applyNeverEnds({ deployment }: Place, minutes: number): Failure {
  return new Failure({
    code: 'APPLY_NEVER_ENDS',
    message: `What was asked for is in place; an apply that has run for ${minutes} minutes may still undo it.`,
    where: `service ${deployment.service}`,
    remedy: `end that job or process, then: bin/lightonocr reconcile ${deployment.name}; bin/lightonocr status ${deployment.name}`,
    exitCode: 3,
  });
}

/** Traffic that no release has moved. Somebody may have had a reason: nothing undoes it. */
export function notDesired({ deployment }: Place, service: ObservedService, desired: string): Failure {
  return new Failure({
    code: 'TRAFFIC_MOVED_BY_HAND',
    message: 'Traffic is not on the desired revision, and no release has moved it; it is left as it is.',
    where: `service ${deployment.service}`,
    got: `${describeTraffic(service.trafficStatuses)}; the ledger's desired revision is ${desired}`,
    remedy: `make what serves the desired one, or the desired one serve: bin/lightonocr rollback ${deployment.name} --to REVISION --reason TEXT`,
    exitCode: 3,
  });
}

export function notOurs({ deployment }: Place, service: ObservedService, desired: string): Failure {
  return new Failure({
    code: 'TRAFFIC_NOT_OURS',
    message: 'A release died, and traffic is not what it wrote; it is left as it is.',
    where: `service ${deployment.service}`,
    got: `${describeTraffic(service.traffic)}; the ledger's desired revision is ${desired}`,
    remedy: `say what is to serve: bin/lightonocr rollback ${deployment.name} --to REVISION --reason TEXT`,
    exitCode: 3,
  });
}

export function writtenByOthers(
  place: Place,
  desired: string | undefined,
  found: readonly string[],
): Failure {
  const { service, name } = place.deployment;
  return new Failure({
    code: 'WRITTEN_BY_OTHERS',
    message: `The service was written by somebody else during the apply; traffic is back on ${desired}.`,
    where: `service ${service}`,
    got: found.join('; '),
    remedy: `find out who wrote it (Cloud Audit Logs), then run the same command again; bin/lightonocr status ${name} shows what serves`,
    exitCode: 3,
  });
}

export function noIntent(place: Place, gone: string | undefined): Failure {
  return new Failure({
    code: 'NO_INTENT',
    message: 'The ledger does not say which of the revisions that are there is to serve.',
    where: place.ledgerUrl,
    ...(gone !== undefined && { got: `${gone}, which Cloud Run does not know` }),
    remedy: `say it: bin/lightonocr rollback ${place.deployment.name} --to REVISION --reason TEXT`,
    exitCode: 3,
  });
}

/**
 * Somebody may have had a reason: a release does not undo it.
 * @param options `isEnded`: all traffic is on stable, so there is nothing to put right; default false. `reason`: why the release
 * would have gone back; default, it would not.
 */
export function movedByHand(
  { deployment }: Place,
  service: ObservedService,
  entry: { readonly revision: string; readonly sha: string },
  {
    isEnded = false,
    reason,
    moved,
  }: { isEnded?: boolean; reason?: string; moved?: Parameters<typeof describeShares>[0] },
): Failure {
  const { name } = deployment;
  const why = reason === undefined ? '' : ` The release would have gone back: ${reason}`;
  const asked = moved ? `the release asked for ${describeShares(moved)}; ` : '';
  return new Failure({
    code: 'TRAFFIC_MOVED_BY_HAND',
    message: `Somebody moved traffic by hand during the release of ${entry.revision}; it is left as it is.${why}`,
    where: `service ${deployment.service}`,
    got: `${asked}found ${describeShares(service.traffic)}`,
    remedy: isEnded
      ? `it is where it was before the release; to release again: bin/lightonocr plan ${name} --sha ${entry.sha}`
      : `say what is to serve: bin/lightonocr rollback ${name} --to REVISION --reason TEXT`,
    exitCode: 3,
  });
}

export function firstReleaseFailed({ revision }: { readonly revision: string }, reason: string): Failure {
  return new Failure({
    code: 'FIRST_RELEASE_FAILED',
    message: `The first revision failed its smoke test, and there is none before it to go back to: ${reason}`,
    where: `revision ${revision}`,
    remedy: 'merge a fix and deploy it; until then the service answers wrongly',
    exitCode: 3,
  });
}
