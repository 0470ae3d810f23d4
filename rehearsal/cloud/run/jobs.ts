import { randomUUID } from 'node:crypto';
import { GoogleError, invalid, notFound } from '../googleError';
import { type Access, denied, testedPermissions } from '../access';
import { omit } from '../collections';
import type { MessageReader } from '../protoJson';
import { type Call, jsonBody, type Json, page, type RouteTable } from '../routes';
import {
  type Execution,
  executionJson,
  failureOf,
  isOver,
  newExecution,
  shortName,
  taskJson,
  type TaskTemplate,
} from './execution';
import type { Operations } from './operations';
import { conditionsOf, environmentOf, mainContainer, projectOf } from './resources';
import { checkEtag } from './service';
import { runTask, type TaskOptions } from './task';

export interface JobsOptions extends TaskOptions {
  readonly read: MessageReader;
  readonly operations: Operations;
  readonly access: Access;
}

/** What a caller may set of a job; other fields of the message are kept as they came. */
interface JobSpec {
  readonly template: {
    readonly taskCount?: number;
    readonly parallelism?: number;
    readonly template: TaskTemplate;
  };
  readonly [field: string]: unknown;
}

interface Job {
  readonly name: string;
  readonly uid: string;
  readonly createTime: string;
  readonly executions: Execution[];
  spec: JobSpec;
  generation: number;
  updateTime: string;
  etag: string;
  policy: Json;
}

export interface Jobs {
  readonly routes: RouteTable;
  /** Cancels what runs and waits for its containers. */
  close(): Promise<void>;
}

/** Most tasks of an execution (https://cloud.google.com/run/quotas#job). */
const MAX_TASKS = 10_000;
/** https://cloud.google.com/run/docs/execute/jobs#override-job-configuration */
const WITH_OVERRIDES = 'run.jobs.runWithOverrides';
const JOB_TYPE = 'type.googleapis.com/google.cloud.run.v2.Job';
const EXECUTION_TYPE = 'type.googleapis.com/google.cloud.run.v2.Execution';

/** Cloud Run jobs, Admin API v2 (https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs). */
export function jobs(options: JobsOptions): Jobs {
  const { clock, operations } = options;
  const all = new Map<string, Job>();
  const under = new Set<Promise<void>>();
  const time = () => clock.now().toISOString();
  const find = (name: string) => {
    const job = all.get(name);
    if (!job) throw notFound(name);
    return job;
  };
  const findExecution = (name: string) => {
    const found = find(name.split('/executions/')[0]!).executions.find(
      (execution) => execution.name === name,
    );
    if (!found) throw notFound(name);
    return found;
  };
  const operation = (name: string, describe: () => Json, work: Promise<unknown>) =>
    operations.begin(name.replace(/\/jobs\/.*/, ''), describe, work);
  const write = (job: Job) => {
    Object.assign(job, { generation: job.generation + 1, updateTime: time(), etag: `"${randomUUID()}"` });
    all.set(job.name, job);
    return operation(job.name, () => ({ '@type': JOB_TYPE, ...jobJson(job) }), Promise.resolve());
  };

  function create(parent: string, id: string, body: Json): Json {
    const name = `${parent}/jobs/${id}`;
    // 63 characters, as every job of Cloud Run (https://cloud.google.com/run/docs/create-jobs#create-new-job).
    if (!/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(id)) throw invalid(`jobId: "${id}" is no name of a job.`);
    if (all.has(name)) throw new GoogleError('ALREADY_EXISTS', `Resource '${id}' already exists.`);
    const job: Job = {
      ...{ name, uid: randomUUID(), createTime: time(), updateTime: '', etag: '' },
      ...{ executions: [], spec: specOf(name, body), generation: 0, policy: {} },
    };
    return write(job);
  }

  function specOf(name: string, body: Json): JobSpec {
    const spec = omit(options.read(body), 'name', 'etag') as unknown as JobSpec;
    const { template: tasks, taskCount = 1 } = spec.template ?? {};
    if (tasks?.containers?.length !== 1 || !mainContainer(tasks).image)
      throw invalid(
        'template.template.containers: the local cloud runs exactly one container, with an image.',
      );
    if (taskCount < 1 || taskCount > MAX_TASKS)
      throw invalid(`template.task_count: must be between 1 and ${MAX_TASKS}, got ${taskCount}.`);
    environmentOf(tasks, projectOf(name), options.secrets);
    return spec;
  }

  function run(job: Job, body: Json): Json {
    checkEtag(job, body.etag);
    const { overrides } = body as { overrides?: Overrides };
    if (overrides !== undefined && options.access.granted([WITH_OVERRIDES]).length === 0)
      throw denied('run.googleapis.com', WITH_OVERRIDES, `/v2/${job.name}`);
    const { template: spec } = job.spec;
    const taskCount = overrides?.taskCount ?? spec.taskCount ?? 1;
    if (taskCount < 1 || taskCount > MAX_TASKS)
      throw invalid(`overrides.task_count: must be between 1 and ${MAX_TASKS}, got ${taskCount}.`);
    const counts = { taskCount, parallelism: spec.parallelism ?? 0 };
    const execution = newExecution(job.name, overridden(spec.template, overrides ?? {}), counts, time());
    job.executions.push(execution);
    const work = runAll(execution);
    under.add(work);
    void work.finally(() => under.delete(work));
    const describe = () => ({ '@type': EXECUTION_TYPE, ...executionJson(execution) });
    const ended = work.then(() => {
      const failure = failureOf(execution);
      if (failure !== undefined) throw new Error(failure);
    });
    return operation(job.name, describe, ended);
  }

  /** As many side by side as the job allows; what is cancelled before its turn never starts. */
  async function runAll(execution: Execution): Promise<void> {
    const { tasks, parallelism, stopping } = execution;
    let next = 0;
    const line = async () => {
      for (let task = tasks[next++]; task; task = tasks[next++]) {
        if (stopping.signal.aborted) task.state = 'cancelled';
        else await runTask(execution, task, options);
      }
    };
    await Promise.all(Array.from({ length: parallelism || tasks.length }, line));
    execution.completionTime = time();
  }

  const cancel = (execution: Execution): Json => {
    if (isOver(execution))
      throw new GoogleError('FAILED_PRECONDITION', `Execution ${shortName(execution.name)} is over.`);
    execution.stopping.abort();
    const describe = () => ({ '@type': EXECUTION_TYPE, ...executionJson(execution) });
    return operation(execution.name, describe, Promise.allSettled([...under]));
  };

  const JOBS = 'projects/*/locations/*/jobs/*';
  const EXECUTIONS = `${JOBS}/executions/*`;
  return {
    async close() {
      for (const job of all.values()) for (const execution of job.executions) execution.stopping.abort();
      await Promise.allSettled([...under]);
    },
    routes: {
      [`GET /v2/{name=${JOBS}}:getIamPolicy`]: (_call, name) => find(name).policy,
      [`POST /v2/{name=${JOBS}}:setIamPolicy`]: (call, name) =>
        (find(name).policy = (jsonBody(call).policy ?? {}) as Json),
      [`POST /v2/{name=${JOBS}}:testIamPermissions`]: (call, name) => {
        find(name);
        return testedPermissions(options.access, call);
      },
      [`POST /v2/{name=${JOBS}}:run`]: (call, name) => run(find(name), jsonBody(call)),
      'POST /v2/{parent=projects/*/locations/*}/jobs': (call, parent) =>
        create(parent, call.query.get('jobId') ?? call.query.get('job_id') ?? '', jsonBody(call)),
      'GET /v2/{parent=projects/*/locations/*}/jobs': (call, parent) => {
        const inside = [...all.values()].filter(({ name }) => name.startsWith(`${parent}/jobs/`));
        return page(call.query, 'jobs', inside.map(jobJson));
      },
      [`GET /v2/{name=${JOBS}}`]: (_call, name) => jobJson(find(name)),
      [`PATCH /v2/{name=${JOBS}}`]: (call, name) => {
        const body = jsonBody(call);
        const [parent = '', id = ''] = name.split('/jobs/');
        if (!all.has(name) && call.query.get('allowMissing') === 'true') return create(parent, id, body);
        const job = find(name);
        checkEtag(job, body.etag);
        job.spec = specOf(name, body);
        return write(job);
      },
      [`DELETE /v2/{name=${JOBS}}`]: (call, name) => remove(call, find(name)),
      [`GET /v2/{parent=${JOBS}}/executions`]: (call, parent) =>
        page(call.query, 'executions', [...find(parent).executions].reverse().map(executionJson)),
      [`GET /v2/{name=${EXECUTIONS}}`]: (_call, name) => executionJson(findExecution(name)),
      [`POST /v2/{name=${EXECUTIONS}}:cancel`]: (_call, name) => cancel(findExecution(name)),
      [`GET /v2/{parent=${EXECUTIONS}}/tasks`]: (call, parent) => {
        const execution = findExecution(parent);
        return page(
          call.query,
          'tasks',
          execution.tasks.map((task) => taskJson(execution, task)),
        );
      },
    },
  };

  function remove(_call: Call, job: Job): Json {
    for (const execution of job.executions) execution.stopping.abort();
    all.delete(job.name);
    return operation(job.name, () => ({ '@type': JOB_TYPE, ...jobJson(job) }), Promise.resolve());
  }
}

interface Overrides {
  readonly containerOverrides?: readonly {
    readonly args?: readonly string[];
    readonly env?: readonly { readonly name?: string; readonly value?: string }[];
    readonly clearArgs?: boolean;
  }[];
  readonly taskCount?: number;
  readonly timeout?: string;
}

/** A run's own arguments replace the job's; its variables are added to them. */
function overridden(template: TaskTemplate, { containerOverrides = [], timeout }: Overrides): TaskTemplate {
  const [{ args, env = [], clearArgs = false } = {}] = containerOverrides;
  const container = mainContainer(template);
  const changed = {
    ...container,
    ...((args !== undefined || clearArgs) && { args: args ?? [] }),
    env: [...(container.env ?? []).filter(({ name }) => !env.some((own) => own.name === name)), ...env],
  };
  return { ...template, containers: [changed], ...(timeout !== undefined && { timeout }) };
}

/** A job as the API answers it. */
function jobJson({ name, uid, spec, generation, createTime, updateTime, etag, executions }: Job): Json {
  const latest = executions.at(-1);
  const [terminalCondition] = conditionsOf(['Ready'], 'CONDITION_SUCCEEDED', updateTime);
  return {
    launchStage: 'GA',
    ...spec,
    ...{ name, uid, createTime, updateTime, etag, terminalCondition, reconciling: false },
    ...{ generation: String(generation), observedGeneration: String(generation) },
    ...(executions.length > 0 && { executionCount: executions.length }),
    ...(latest && {
      latestCreatedExecution: {
        name: shortName(latest.name),
        createTime: latest.createTime,
        ...(latest.completionTime !== undefined && { completionTime: latest.completionTime }),
        completionStatus: !isOver(latest)
          ? 'EXECUTION_RUNNING'
          : failureOf(latest) === undefined
            ? 'EXECUTION_SUCCEEDED'
            : latest.stopping.signal.aborted
              ? 'EXECUTION_CANCELLED'
              : 'EXECUTION_FAILED',
      },
    }),
  };
}
