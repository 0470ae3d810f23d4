import { Failure } from '../failure';

/** Prefix of the tags that releases make; tags of other people are left where they are. */
export const CANDIDATE_TAG = /^c-/;

export const LATEST = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
export const REVISION = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';

/** An entry of `traffic` (wanted) or `trafficStatuses` (what is) in Cloud Run's API. */
export interface TrafficTarget {
  readonly type?: string;
  /** Short name; absent for LATEST in `traffic`. */
  readonly revision?: string;
  /** 0 to 100; absent means 0. */
  readonly percent?: number;
  readonly tag?: string;
  /** Of a tag; in `trafficStatuses` only. */
  readonly uri?: string;
}

/** A wanted share of a revision, with a tag while it needs a URL of its own. */
export interface Share {
  readonly revision: string;
  readonly percent: number;
  readonly tag?: string;
}

/** True when some share follows whatever revision is newest: a state that no release may start from. */
export function followsLatest(traffic: readonly TrafficTarget[]): boolean {
  return (
    traffic.length === 0 || traffic.some((target) => target.type === LATEST && (target.percent ?? 0) > 0)
  );
}

/** True when the revision that is meant to serve has all traffic, and by its name: LATEST is another revision tomorrow. */
export function servesAsIntended(
  service: { readonly traffic: readonly TrafficTarget[]; readonly trafficStatuses: readonly TrafficTarget[] },
  intended: string | undefined,
): boolean {
  return sharesOf(service.trafficStatuses).get(intended ?? '') === 100 && !followsLatest(service.traffic);
}

/**
 * Percent by revision, zeroes left out. Found by percent and never by position: tag-only entries may come first in
 * `trafficStatuses`.
 */
export function sharesOf(traffic: readonly TrafficTarget[]): Map<string, number> {
  const shares = new Map<string, number>();
  for (const { revision, percent = 0 } of traffic) {
    if (revision === undefined || percent === 0) continue;
    shares.set(revision, (shares.get(revision) ?? 0) + percent);
  }
  return shares;
}

/** True when traffic has just these shares: order, tags and absent zeroes aside. LATEST is nobody's share. */
export function hasShares(traffic: readonly TrafficTarget[], shares: readonly Share[]): boolean {
  return describeShares(traffic) === describeShares(shares);
}

/** The same as `describeTraffic`, without the tags. */
export function describeShares(traffic: readonly TrafficTarget[]): string {
  return describeTraffic(traffic.map(({ tag: _tag, ...target }) => target));
}

/**
 * The revision that serves. With two of them it is the one that the ledger's intent names.
 * @throws Failure `SERVING_UNCLEAR`, exit code 3, where the intent names none of several.
 */
export function servingRevision(
  service: string,
  traffic: readonly TrafficTarget[],
  intended: string | undefined,
): string | undefined {
  const serving = [...sharesOf(traffic).keys()];
  if (serving.length <= 1) return serving[0];
  if (intended !== undefined && serving.includes(intended)) return intended;
  throw new Failure({
    code: 'SERVING_UNCLEAR',
    message: 'Several revisions serve and the ledger does not say which one is meant to.',
    where: `service ${service}`,
    got: `${describeTraffic(traffic)}; the ledger's intent is ${intended ?? 'empty'}`,
    remedy: 'say which: bin/lightonocr rollback DEPLOYMENT --to REVISION --reason TEXT',
    exitCode: 3,
  });
}

/**
 * Traffic to write: these shares, plus the tags of other people (all but `c-…`). Names revisions, never LATEST. Shares with
 * a tag are a step of a release, which keeps also the other `c-…` tags: one may be a rollback's that warms up its target.
 * Shares without one are an end, which tidies them all.
 * @param current entries of `traffic` and of `trafficStatuses`, which alone says where a tag on LATEST points.
 */
export function trafficFor(current: readonly TrafficTarget[], shares: readonly Share[]): TrafficTarget[] {
  const total = shares.reduce((sum, share) => sum + share.percent, 0);
  if (total !== 100 || shares.some(({ percent }) => !Number.isInteger(percent) || percent < 0)) {
    throw new RangeError(`Traffic shares are integers that add up to 100, got ${JSON.stringify(shares)}.`);
  }
  const own = shares.flatMap(({ tag }) => tag ?? []);
  const isKept = (tag: string) => !own.includes(tag) && (own.length > 0 || !CANDIDATE_TAG.test(tag));
  const kept = new Map(
    current
      .filter(({ tag, revision }) => tag && revision && isKept(tag))
      .map(({ tag, revision }) => [tag, revision]),
  );
  return [
    ...shares.map(({ revision, percent, tag }) => ({
      type: REVISION,
      revision,
      percent,
      ...(tag && { tag }),
    })),
    ...[...kept].map(([tag, revision]) => ({ type: REVISION, revision, percent: 0, tag })),
  ];
}

/** True when both mean the same: order, absent zeroes and URIs aside. */
export function sameTraffic(a: readonly TrafficTarget[], b: readonly TrafficTarget[]): boolean {
  return describeTraffic(a) === describeTraffic(b);
}

/** `lightonocr-gpu-a 90 %, lightonocr-gpu-b 10 %, tag c-b on lightonocr-gpu-b`, largest share first; `nothing` when empty. */
export function describeTraffic(traffic: readonly TrafficTarget[]): string {
  const named = traffic.map((target) => ({ ...target, revision: target.revision ?? 'LATEST' }));
  const shares = [...sharesOf(named)]
    .sort(([a, percentA], [b, percentB]) => percentB - percentA || (a < b ? -1 : 1))
    .map(([revision, percent]) => `${revision} ${percent} %`);
  const tags = named.flatMap(({ tag, revision }) => (tag ? [`tag ${tag} on ${revision}`] : [])).sort();
  return [...shares, ...tags].join(', ') || 'nothing';
}
