import type { Deployment } from '../deployment';
import type { Block, Intent } from '../releases/ledger';
import type { LogEntry } from '../logs/logEntry';
import type { QuotaFinding } from '../quota/quota';
import type { TrafficTarget } from '../releases/traffic';
import type { WindowStats } from '../canary/windowStats';

export interface Condition {
  readonly type: string;
  readonly failed: boolean;
  readonly message: string;
  /** ISO 8601; when it came about. */
  readonly at: string;
}

/** A revision as it is in the cloud: its own settings, which may be other than the file's. */
export interface SeenRevision {
  readonly name: string;
  readonly ready: 'yes' | 'no' | 'pending';
  /** Those with something to say. */
  readonly conditions: readonly Condition[];
  /** Of the traffic. */
  readonly percent: number;
  /** vLLM's flags. */
  readonly args: readonly string[];
  /** That Cloud Run sends requests to. */
  readonly port: number;
  readonly memory?: string;
  /** Path of an HTTP start-up probe. */
  readonly probePath?: string;
  /** That the start-up probe gives an instance, all of its attempts together. */
  readonly startSeconds: number;
  /** That a request may take, the start of an instance included. */
  readonly requestTimeoutSeconds: number;
  readonly stats?: WindowStats;
}

/** Everything that was read, before anybody judges it. */
export interface Symptoms {
  readonly deployment: Deployment;
  /** Undefined where there is none. */
  readonly service?: {
    readonly conditions: readonly Condition[];
    /** Scaled by hand to 0: it answers nobody. */
    readonly stopped: boolean;
    /** As it was asked for. */
    readonly traffic: readonly TrafficTarget[];
    /** As it is. */
    readonly trafficStatuses: readonly TrafficTarget[];
  };
  /** With traffic, a tag, or the newest; those that were asked for. Serving ones first. */
  readonly revisions: readonly SeenRevision[];
  /** Oldest first. */
  readonly lines: readonly LogEntry[];
  readonly quota: readonly QuotaFinding[];
  readonly holds: readonly Block[];
  /** What is meant to serve; absent while a release is at work, and where service or ledger could not be read. */
  readonly intent?: Intent;
}

/** A service that nobody could read: nothing is known to be wrong with it as a whole. */
export const NOT_READ: NonNullable<Symptoms['service']> = {
  conditions: [],
  stopped: false,
  traffic: [],
  trafficStatuses: [],
};

/** What shows a case: the words themselves, where they stand and since when. Never a document's. */
export interface Evidence {
  readonly at?: string;
  /** A revision, the service, a file's key, a quota. */
  readonly where: string;
  readonly text: string;
}

export interface Remedy {
  readonly does: string;
  /** Ready to paste into a shell. */
  readonly command?: string;
  /** Ready to paste into the deployment's file. */
  readonly change?: Change;
}

/** Keys of a deployment's file with the values to write. */
export type Change = { readonly [key in 'vllm' | 'scaling' | 'page' | 'size' | 'probe']?: object } & {
  readonly requestTimeoutSeconds?: number;
};

/** In the order in which they are looked for: what explains others comes first. */
export const CASES = [
  'stopped',
  'no-service',
  'image-not-readable',
  'flag-unknown',
  'transformers-mismatch',
  'model-missing',
  'model-incomplete',
  'gpu-memory',
  'container-memory',
  'quota',
  'no-instance',
  'cold-start',
  'traffic-moved',
  'not-responding',
  'held',
  'pages-cut',
] as const;
export type CaseId = (typeof CASES)[number];

export interface Diagnosis {
  readonly id: CaseId;
  /** What the deployment guide calls it; undefined for ours. */
  readonly guide?: string;
  /** One sentence. */
  readonly what: string;
  /** `named`: a message says so; `inferred`: from numbers and conditions; `setting`: it will happen with these settings. */
  readonly certainty: 'named' | 'inferred' | 'setting';
  /** Why it is thought so, one sentence. */
  readonly because: string;
  /** The revision that has it, when it is one's. */
  readonly revision?: string;
  readonly evidence: readonly Evidence[];
  /** In the order in which to try them. */
  readonly remedies: readonly Remedy[];
}

/**
 * Looks for one case in all that was read; finds it once a revision at most.
 * @param found by the cases before it: a case that is only a symptom of one of those is not told again.
 */
export type Case = (symptoms: Symptoms, found: readonly Diagnosis[]) => readonly Diagnosis[];
