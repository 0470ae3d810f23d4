import type { Defence } from './defences';
import type { Expectation } from './expectations';
import type { StepResult } from './scenario';

export interface PlayedStep extends StepResult {
  readonly number: number;
  readonly title: string;
  readonly seconds: number;
  readonly held: boolean;
}

/** What `--json` prints. */
export interface RehearsalResult {
  readonly held: boolean;
  readonly terraform: string;
  readonly without?: Defence;
  readonly steps: readonly PlayedStep[];
  readonly expectations: readonly Expectation[];
  readonly seconds: number;
  /** Of all its processes together, at most. */
  readonly peakMemoryBytes: number;
}
