import type { Failure } from '../../failure';
import type { ServiceScaling } from '../../scale/scale';
import type { Ledger } from '../ledgerTypes';
import type { RevisionState } from '../revisions';
import type { TrafficTarget } from '../traffic';

/** One part of the world: its value, the knowledge that there is none, or why it is not known. */
export type Part<T> =
  | { readonly is: 'value'; readonly value: T }
  | { readonly is: 'absent' }
  | { readonly is: 'not read'; readonly reason: Failure };

/** A Cloud Run service, the part that is decided upon. */
export interface ObservedService {
  /** Changes when the service is deleted and made again; generations start anew then. */
  readonly uid?: string;
  readonly uri: string;
  readonly etag: string;
  /** Grows by one with every write; a decimal string in the API. */
  readonly generation: string;
  readonly reconciling: boolean;
  /** As it was asked for. */
  readonly traffic: readonly TrafficTarget[];
  /** As it is served. */
  readonly trafficStatuses: readonly TrafficTarget[];
  readonly scaling: ServiceScaling;
  readonly latestReadyRevision?: string;
  /** ISO 8601, of the last write, by the server's clock. */
  readonly updatedAt?: string;
  /** The service's own words when it is not ready. */
  readonly condition?: string;
}

/** What a turn of the driver has asked for beside service and ledger. */
export interface Need {
  /** All revisions of the service. */
  readonly revisions?: boolean;
  /** Whether the registry has the image of this digest. */
  readonly image?: string;
}

/**
 * The world as one turn has read it, the ledger after the service: a decision that the service does not show yet is in the
 * ledger then. A part that was not asked for is not there.
 */
export interface Snapshot {
  readonly service: Part<ObservedService>;
  readonly ledger: Part<Ledger>;
  readonly revisions?: Part<readonly RevisionState[]>;
  readonly image?: Part<string>;
}

/** A part's value; undefined where there is none. @throws Failure of a part that was not read: nothing is decided on it. */
export function valueOf<T>(part: Part<T>): T | undefined {
  if (part.is === 'not read') throw part.reason;
  return part.is === 'value' ? part.value : undefined;
}
