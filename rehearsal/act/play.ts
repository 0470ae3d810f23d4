import type { Expectations } from '../expectations';
import type { WorkflowResult, WorkflowRunOptions } from './workflowRun';

export interface Play {
  readonly title: string;
  readonly run: (number: number) => Promise<void>;
}

/** A workflow on the stage: what differs from run to run. */
export type RunWorkflow = (
  run: Pick<WorkflowRunOptions, 'workflow' | 'event' | 'inputs'>,
) => Promise<WorkflowResult>;

/** The step of release.yml that moves traffic. */
export const RELEASE = 'Smoke, canary, promote';

/** Each of these steps ended so, and the run with them. */
export function expectSteps(
  { expect }: Expectations,
  play: number,
  result: WorkflowResult,
  wanted: Readonly<Record<string, string>>,
): void {
  const seen = result.steps
    .filter(({ step }) => step in wanted)
    .map((ended) => `${ended.step}: ${ended.result}`);
  for (const [step, outcome] of Object.entries(wanted)) {
    const text = `the step "${step}" ends in ${outcome}`;
    expect(play, text, seen.includes(`${step}: ${outcome}`), seen.join(', '));
  }
  expect(play, 'the workflow succeeds', result.code === 0, result.code);
}
