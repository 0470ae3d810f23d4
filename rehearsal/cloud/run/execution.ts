import { randomUUID } from 'node:crypto';
import { conditionsOf, type Template } from './resources';
import type { Json } from '../routes';

/** A job's template: what each of its tasks runs. */
export interface TaskTemplate extends Template {
  readonly maxRetries?: number;
}

/** One start of one task: what its log lines name. */
export interface TaskAttempt {
  /** `projects/P/locations/L/jobs/J`. */
  readonly job: string;
  /** Short name. */
  readonly execution: string;
  readonly index: number;
  /** 0 for the first. */
  readonly attempt: number;
}

type State = 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface Task {
  readonly index: number;
  state: State;
  retried: number;
  startTime?: string;
  completionTime?: string;
  /** Of the last start that ended; 0 where it succeeded. */
  exitCode?: number;
}

/** A run of a job. */
export interface Execution {
  /** `projects/P/locations/L/jobs/J/executions/E`. */
  readonly name: string;
  readonly job: string;
  readonly uid: string;
  readonly template: TaskTemplate;
  readonly parallelism: number;
  readonly tasks: readonly Task[];
  readonly createTime: string;
  readonly stopping: AbortController;
  completionTime?: string;
}

/** Cloud Run's default (https://cloud.google.com/run/docs/configuring/max-retries). */
const MAX_RETRIES = 3;

export const maxRetries = ({ maxRetries = MAX_RETRIES }: TaskTemplate): number => maxRetries;

export function newExecution(
  job: string,
  template: TaskTemplate,
  counts: { readonly taskCount: number; readonly parallelism: number },
  createTime: string,
): Execution {
  const uid = randomUUID();
  const suffix = uid
    .replace(/[^a-z]/g, '')
    .padEnd(5, 'x')
    .slice(0, 5);
  return {
    name: `${job}/executions/${shortName(job)}-${suffix}`,
    job,
    uid,
    template,
    parallelism: counts.parallelism,
    tasks: Array.from({ length: counts.taskCount }, (_, index) => ({ index, state: 'pending', retried: 0 })),
    createTime,
    stopping: new AbortController(),
  };
}

export const shortName = (name: string) => name.slice(name.lastIndexOf('/') + 1);

const count = ({ tasks }: Execution, state: State) => tasks.filter((task) => task.state === state).length;

/** True once nothing of it runs or will. */
export const isOver = (execution: Execution) =>
  count(execution, 'running') + count(execution, 'pending') === 0;

/** In Cloud Run's words; undefined where it is under way or all went well. */
export function failureOf(execution: Execution): string | undefined {
  if (!isOver(execution)) return undefined;
  const failed = execution.tasks.find(({ state }) => state === 'failed');
  if (failed)
    return `Task ${shortName(execution.name)}-task${failed.index} failed with message: The container exited with an error.`;
  return execution.stopping.signal.aborted ? 'Execution was cancelled.' : undefined;
}

/** An execution as the API answers it. */
export function executionJson(execution: Execution): Json {
  const { name, job, uid, template, parallelism, tasks, createTime, completionTime } = execution;
  const failure = failureOf(execution);
  const ended = failure === undefined ? 'CONDITION_SUCCEEDED' : 'CONDITION_FAILED';
  const state = isOver(execution) ? ended : 'CONDITION_RECONCILING';
  const counts = {
    runningCount: count(execution, 'running'),
    succeededCount: count(execution, 'succeeded'),
    failedCount: count(execution, 'failed'),
    cancelledCount: count(execution, 'cancelled'),
    retriedCount: tasks.reduce((sum, { retried }) => sum + retried, 0),
  };
  return {
    ...{ name, uid, job: shortName(job), template, createTime, startTime: createTime },
    ...{ generation: '1', observedGeneration: '1', launchStage: 'GA', taskCount: tasks.length },
    ...(parallelism > 0 && { parallelism }),
    // proto3 leaves a zero out.
    ...Object.fromEntries(Object.entries(counts).filter(([, number]) => number > 0)),
    ...(completionTime !== undefined && { completionTime }),
    reconciling: !isOver(execution),
    conditions: conditionsOf(['Completed'], state, completionTime ?? createTime, failure),
    etag: `"${uid}-${JSON.stringify(counts).length}-${completionTime ?? ''}"`,
  };
}

/** A task as the API answers it. */
export function taskJson({ name, job, template, createTime }: Execution, task: Task): Json {
  const { index, retried, startTime, completionTime, exitCode } = task;
  const states = {
    succeeded: 'CONDITION_SUCCEEDED',
    failed: 'CONDITION_FAILED',
    cancelled: 'CONDITION_FAILED',
  };
  const state = task.state in states ? states[task.state as keyof typeof states] : 'CONDITION_PENDING';
  return {
    name: `${name}/tasks/${shortName(name)}-task${index}`,
    ...{ job: shortName(job), execution: shortName(name), ...template, createTime },
    ...(index > 0 && { index }),
    ...(retried > 0 && { retried }),
    ...(startTime !== undefined && { startTime }),
    ...(completionTime !== undefined && { completionTime }),
    ...(exitCode !== undefined && {
      lastAttemptResult:
        exitCode === 0
          ? {}
          : { exitCode, status: { code: 2, message: 'The container exited with an error.' } },
    }),
    reconciling: completionTime === undefined,
    conditions: conditionsOf(['Completed'], state, completionTime ?? createTime),
  };
}
