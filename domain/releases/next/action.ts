import type { Failure } from '../../failure';
import type { ServiceScaling } from '../../scale/scale';
import type { Ledger } from '../ledgerTypes';
import type { Share, TrafficTarget } from '../traffic';
import type { Verdict } from '../../canary/verdict';
import type { Need } from './snapshot';

/** One step of the canary. */
export interface CanaryStep {
  readonly candidate: string;
  readonly stable: string;
  readonly percent: number;
  readonly bakeSeconds: number;
  /** The service's base URL. */
  readonly audience: string;
  /** The candidate's tagged URL, and stable's: the service's own would reach either. */
  readonly url: string;
  readonly stableUrl: string;
}

/** What a golden page said of what serves. `not asked`: there was no token, or nobody let us in; that proves nothing. */
export interface Probe {
  readonly state: 'well' | 'wrong' | 'not asked';
  readonly observed?: string;
  /** No GPU could be had. */
  readonly throttled?: boolean;
  /** What to do before asking again; of `not asked`. */
  readonly remedy?: string;
}

/** Why a release goes back to stable. */
export interface AbortReason {
  readonly code: string;
  readonly reasons: readonly string[];
  readonly state: 'failed' | 'put-back';
  /** Whether the candidate is blocked: only what the numbers condemn. */
  readonly block: boolean;
  /** Why it could not go on: says where that was and what mends it. */
  readonly cause?: Failure;
}

/** What this process has found out or done, beside what ledger and service say. */
export interface Facts {
  /** Of a rollback: the epoch of its decision, its target, and what it left. */
  readonly decided?: { readonly epoch: number; readonly target: string; readonly left: readonly string[] };
  readonly warmed?: boolean;
  readonly probe?: Probe;
  /** Of a release: where it came from; `alone` has nothing to go back to. */
  readonly stable?: string | { readonly alone: true };
  /** Of a release: 0 is the smoke test, then the steps of the canary. */
  readonly step?: number;
  readonly verdict?: Verdict & { readonly notAsked?: Failure };
  /** Of a release: the step whose shares have been asked for. */
  readonly asked?: number;
  /** Of a release: shares as its last step has left them. */
  readonly moved?: readonly Share[];
  readonly abort?: AbortReason;
  /** Of an apply: what Terraform's write did beside what was planned. */
  readonly findings?: readonly string[];
  /** Of `reconcile`: what it has done so far. */
  readonly tidied?: { readonly action: 'put-back' | 'superseded' | 'finished'; readonly reason: string };
  readonly settled?: boolean;
}

interface Common {
  /** Known once the action has been done. */
  readonly learn?: Facts;
  /** Lines for whoever watches. */
  readonly say?: string;
}

/** One write of the service: the ledger first, which proves that nobody has decided since; then the service, with its etag. */
export interface Move extends Common {
  readonly do: 'move';
  readonly ledger: Ledger;
  readonly traffic: readonly TrafficTarget[];
  readonly scaling?: ServiceScaling;
  readonly etag: string;
  /** What is asked for, in words: tries for the same are counted. */
  readonly key: string;
}

/** The one next thing to do. All but the last two lead to another turn. */
export type Action =
  | (Common & { readonly do: 'learn'; readonly learn: Facts })
  | (Common & { readonly do: 'read'; readonly need: Need })
  /** After a fault, with jitter. */
  | (Common & { readonly do: 'pause'; readonly seconds: number })
  /** For somebody else. */
  | (Common & { readonly do: 'wait'; readonly seconds: number })
  /** Until the service serves what was asked for. */
  | (Common & { readonly do: 'look'; readonly seconds: number; readonly operation?: string })
  /** `ends` or `fails`: how the command ends once this is written. */
  | (Common & {
      readonly do: 'record';
      readonly ledger: Ledger;
      readonly ends?: object;
      readonly fails?: Failure;
    })
  | Move
  | (Common & {
      readonly do: 'warm';
      readonly target: string;
      readonly tag: string;
      readonly traffic: readonly TrafficTarget[];
      readonly service: { readonly uri: string; readonly etag: string };
    })
  | (Common & { readonly do: 'smoke'; readonly audience: string; readonly url: string })
  | (Common & { readonly do: 'bake'; readonly step: CanaryStep })
  | (Common & { readonly do: 'probe'; readonly uri: string })
  | (Common & { readonly do: 'finish'; readonly result: unknown })
  | { readonly do: 'fail'; readonly failure: Failure };
