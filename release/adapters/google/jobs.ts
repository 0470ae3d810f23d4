import { z } from 'zod';
import { callFor } from './answer';
import { type CallApi, isStatus } from './googleApi';

const executionSchema = z.looseObject({
  name: z.string(),
  taskCount: z.number(),
  runningCount: z.number().default(0),
  succeededCount: z.number().default(0),
  failedCount: z.number().default(0),
  cancelledCount: z.number().default(0),
  retriedCount: z.number().default(0),
  createTime: z.string(),
  completionTime: z.string().optional(),
});
/** A run of a job. */
export type JobExecution = z.infer<typeof executionSchema>;

export interface RunJob {
  readonly taskCount: number;
  readonly variables: Readonly<Record<string, string>>;
}

/** Cloud Run jobs of a project and region, Admin API v2. */
export interface CloudRunJobs {
  exists(job: string): Promise<boolean>;
  /** Starts it, with the number of tasks and variables of this run; returns the execution's name. */
  run(job: string, run: RunJob): Promise<string>;
  /** Newest first. */
  executions(job: string): Promise<JobExecution[]>;
  execution(name: string): Promise<JobExecution | undefined>;
  /** Ends the tasks; what is over stays as it is. */
  cancel(execution: string): Promise<void>;
}

export function cloudRunJobs(
  call: CallApi,
  { project, region }: { readonly project: string; readonly region: string },
): CloudRunJobs {
  const path = (job: string) => `/v2/projects/${project}/locations/${region}/jobs/${job}`;
  return {
    async exists(job) {
      try {
        await callFor(call, 'run', { path: path(job) }, z.looseObject({ name: z.string() }));
        return true;
      } catch (error) {
        if (isStatus(error, 404)) return false;
        throw error;
      }
    },
    async run(job, { taskCount, variables }) {
      const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
      const { data } = await callFor(
        call,
        'run',
        {
          method: 'POST',
          path: `${path(job)}:run`,
          body: { overrides: { taskCount, containerOverrides: [{ env }] } },
        },
        z.looseObject({ metadata: z.looseObject({ name: z.string() }) }),
      );
      return data.metadata.name;
    },
    async executions(job) {
      const request = { path: `${path(job)}/executions`, query: { pageSize: 20 } };
      const { data } = await callFor(
        call,
        'run',
        request,
        z.looseObject({ executions: z.array(executionSchema).default([]) }),
      );
      return data.executions;
    },
    async execution(name) {
      try {
        return (await callFor(call, 'run', { path: `/v2/${name}` }, executionSchema)).data;
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        throw error;
      }
    },
    async cancel(execution) {
      try {
        await call('run', { method: 'POST', path: `/v2/${execution}:cancel`, body: {} });
      } catch (error) {
        if (!isStatus(error, 400)) throw error; // it is over
      }
    },
  };
}
