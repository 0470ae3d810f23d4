import type { Expectations } from '../expectations';
import type { WorkflowResult, WorkflowRunOptions } from './workflowRun';

export interface Play {
  readonly title: string;
  readonly run: (number: number) => Promise<void>;
}

/** A workflow on the stage: what differs from run to run. */
export type RunWorkflow = (
  run: Pick<WorkflowRunOptions, 'workflow' | 'event' | 'payload' | 'inputs' | 'signal'> & {
    /** Default: the newest. */
    readonly commit?: string;
  },
) => Promise<WorkflowResult>;

/** The step of release.yml that moves traffic. */
export const RELEASE = 'Smoke, canary, promote';

/** Lines of an image without the faults that earlier merges have put into the Dockerfile. */
export const sound = (release: string) => `LABEL release=${release}\nENV STAND_IN_FAULT=""`;

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
  const failed = Object.values(wanted).includes('failure');
  const text = failed ? 'the workflow fails' : 'the workflow succeeds';
  expect(play, text, (result.code !== 0) === failed, result.code);
}
