import type { Deployment } from '../../domain/deployment';
import type { applyDrift, planDrift } from '../../domain/plan/guard';
import type { blockOn } from '../../domain/releases/ledger';
import type { Failure } from '../../domain/failure';
import type { next } from '../../domain/releases/next/next';
import type { Action, CanaryStep, Facts, Probe } from '../../domain/releases/next/action';
import type { judge, Verdict } from '../../domain/canary/verdict';
import type { Clock } from '../../ocr/clock';
import type { CloudRun } from '../adapters/google/cloudRun';
import type { Git } from '../adapters/git';
import type { CallApi } from '../adapters/google/googleApi';
import type { LedgerStore } from '../adapters/ledgerStore';
import type { Metrics } from '../adapters/google/metrics';
import type { PlanStore } from '../adapters/planStore';
import type { Registry } from '../adapters/google/registry';
import type { Storage } from '../adapters/google/storage';
import type { Terraform } from '../adapters/terraform/terraform';
import type { Workspace } from '../adapters/terraform/workspace';

export interface SmokeResult {
  readonly passed: boolean;
  /** Why nobody could be asked: no token, nobody let us in. Then nothing is proven against the candidate. */
  readonly notAsked?: Failure;
  /** What was seen; what failed when it did. */
  readonly findings: readonly string[];
}

/** @param audience the service's base URL. @param url the tagged URL of the candidate. */
export type SmokeTest = (context: ReleaseContext, audience: string, url: string) => Promise<SmokeResult>;

/** What the driver has done beside reading and writing: each asks revisions, and decides nothing. */
export interface Effects {
  /** Tags the target and waits until its model answers; a failure is no reason to stay. */
  warm(context: ReleaseContext, action: Extract<Action, { do: 'warm' }>): Promise<void>;
  smoke(
    context: ReleaseContext,
    action: { audience: string; url: string },
  ): Promise<NonNullable<Facts['verdict']>>;
  bake(context: ReleaseContext, step: CanaryStep): Promise<Verdict>;
  probe(context: ReleaseContext, uri: string): Promise<Probe>;
}

/** The four defences of a release. They are values, so that the rehearsal can show what each is worth. */
export interface Defences {
  /** Keeps an apply from undoing a rollback. */
  readonly guard: { readonly planDrift: typeof planDrift; readonly applyDrift: typeof applyDrift };
  /** Keeps an image that cannot read from getting traffic. */
  readonly smoke: SmokeTest;
  /** Sends a candidate back that fails under load. */
  readonly judge: typeof judge;
  /** Keeps what was rolled back from coming in again. */
  readonly blockOn: typeof blockOn;
}

/** Who is at work: in the ledger, and in the lease. */
export interface Actor {
  /** One a workflow run or terminal: a rerun of the same run goes on with its own lease. */
  readonly holder: string;
  /** A person or a workflow, for the history. */
  readonly by: string;
  readonly runUrl?: string;
}

/** Everything that a verb reads and writes through. `release/open.ts` makes one for real. */
export interface ReleaseContext {
  readonly deployment: Deployment;
  readonly cloudRun: CloudRun;
  readonly registry: Registry;
  readonly ledger: LedgerStore;
  readonly storage: Storage;
  readonly plans: PlanStore;
  readonly metrics: Metrics;
  readonly call: CallApi;
  readonly git: Git;
  readonly terraform: Terraform;
  readonly workspace: Workspace;
  /** Identity token for the service's base URL. */
  readonly identityToken: (audience: string) => Promise<string>;
  readonly defences: Defences;
  readonly actor: Actor;
  readonly clock: Clock;
  /** Sends requests to the service; default Node's own. */
  readonly fetch?: typeof fetch;
  /** What decides; default: `next`. The simulation takes one mechanism of it out at a time. */
  readonly decide?: typeof next;
  /** 0 to 1, for the jitter of pauses; default `Math.random`. */
  readonly random?: () => number;
  /** What is asked of revisions that answer; default: golden pages and Cloud Monitoring. */
  readonly effects?: Effects;
  readonly signal: AbortSignal;
  /** One line of progress for a person. */
  readonly progress: (line: string) => void;
}
