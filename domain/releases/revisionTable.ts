import { entryOf, type Ledger, type ReleaseState } from './ledger';
import type { RevisionState } from './revisions';
import { SHA_LABEL } from '../template';
import { sharesOf, type TrafficTarget } from './traffic';
import { activeRelease, pendingRelease } from './activeRelease';

/**
 * What a revision is to the release that is under way: `intent` is the one that is meant to serve, `stable` the one that does
 * (the intended one of several), `candidate` the one that a release is about to give traffic.
 */
export type RevisionRole = 'stable' | 'candidate' | 'intent';

export interface RevisionRow {
  /** Short name. */
  readonly revision: string;
  readonly roles: readonly RevisionRole[];
  /** Full git SHA; absent on a revision that no release made. */
  readonly sha?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  readonly ready: RevisionState['ready'];
  /** Cloud Run's own words, when it is not ready. */
  readonly condition?: string;
  /** Of the traffic that is served. */
  readonly percent: number;
  readonly tags: readonly string[];
  /** `sha256:…`; absent for an image that is deployed by tag. */
  readonly digest?: string;
  /** The ledger's newest word on it; absent where the ledger does not know it. */
  readonly state?: ReleaseState;
  /** ISO 8601: when it first had all traffic. */
  readonly servedAt?: string;
  /** Why it may not come back. */
  readonly held?: string;
}

/** A service's revisions against its traffic and the ledger, newest first. */
export function revisionRows(
  revisions: readonly RevisionState[],
  traffic: readonly TrafficTarget[],
  ledger: Ledger | undefined,
): RevisionRow[] {
  const shares = sharesOf(traffic);
  const intended = ledger?.intent?.revision;
  const serving = [...shares.keys()];
  const stable = serving.length > 1 ? serving.find((revision) => revision === intended) : serving[0];
  const candidate = ledger && (activeRelease(ledger) ?? pendingRelease(ledger))?.revision;
  const roles: readonly (readonly [RevisionRole, string | undefined])[] = [
    ['stable', stable],
    ['candidate', candidate],
    ['intent', intended],
  ];
  return revisions
    .map(({ name, labels, image, ready, condition, createdAt }): RevisionRow => {
      const entry = ledger && entryOf(ledger, name);
      const held = ledger?.holds.find(({ revision }) => revision === name)?.reason;
      const digest = /@(sha256:[0-9a-f]+)$/.exec(image)?.[1];
      const sha = labels[SHA_LABEL];
      return {
        revision: name,
        roles: roles.flatMap(([role, revision]) => (revision === name ? [role] : [])),
        ...(sha !== undefined && { sha }),
        ...(createdAt !== undefined && { createdAt }),
        ready,
        ...(ready !== 'yes' && condition !== undefined && { condition }),
        percent: shares.get(name) ?? 0,
        tags: traffic.flatMap(({ tag, revision }) => (tag !== undefined && revision === name ? [tag] : [])),
        ...(digest !== undefined && { digest }),
        ...(entry && { state: entry.state }),
        ...(entry?.servedAt !== undefined && { servedAt: entry.servedAt }),
        ...(held !== undefined && { held }),
      };
    })
    .sort((a, b) => (b.createdAt ?? '').localeCompare(a.createdAt ?? ''));
}
