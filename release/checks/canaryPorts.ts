import type { GoldenAnswer } from '../../domain/canary/golden';
import type { Evidence } from '../../domain/canary/judge';
import type { DecisionSettings } from '../../domain/canary/settings';
import type { judge, StepProgress, Verdict } from '../../domain/canary/verdict';
import type { CountedPeriod } from '../../domain/canary/windowStats';
import type { Clock } from '../../ocr/clock';

export type Side = 'candidate' | 'stable';

/** What a canary reads and writes through; the simulation of verdicts has a world of its own behind it. */
export interface CanaryPorts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** 0 to 1, for the order of the pages. */
  random(): number;
  readonly judge: typeof judge;
  /** Names of the golden pages. */
  readonly pages: readonly string[];
  /** Resolves when that revision can answer; a page would wait for its start. */
  warm(side: Side, signal: AbortSignal): Promise<void>;
  read(page: string, side: Side, signal: AbortSignal): Promise<GoldenAnswer>;
  /** What was counted by minutes; undefined where nothing was reported. */
  counted(side: Side, from: Date, to: Date): Promise<readonly CountedPeriod[] | undefined>;
  /** Called at each look at the metrics. */
  onLook?(evidence: Evidence, step: StepProgress): void;
}

export interface CanarySettings extends DecisionSettings {
  /** To both revisions together, over the whole release. */
  readonly maxGoldenPages: number;
  readonly monitoringPeriodSeconds: number;
  readonly monitoringLagSeconds: number;
}

export interface Canary {
  /**
   * Watches the candidate at this share of the traffic until there is a verdict, for `maxSeconds` at most. Evidence is kept from
   * step to step.
   */
  bake(percent: number, maxSeconds: number): Promise<Verdict>;
}
