import { ExecutionsClient, JobsClient, TasksClient } from '@google-cloud/run';
import type { ContainerCommand, Print } from '../../../rehearsal/cloud/run/process';
import type { TaskProcess } from '../../../rehearsal/cloud/run/task';
import { clientOptions, IMAGE, type Json, LOCATION, type Rig, startRig } from './harness';

const NAME = `${LOCATION}/jobs/j`;

/** What a container does, told by its environment; it ends with the number that comes back. */
type Act = (
  env: NodeJS.ProcessEnv,
  print: Print,
  stopped: Promise<void>,
  args: readonly string[],
) => number | Promise<number>;

describe('jobs', () => {
  let rig: Rig;
  let act: Act;
  const started: NodeJS.ProcessEnv[] = [];

  const startTask = ({ env, args }: ContainerCommand, print: Print): TaskProcess => {
    started.push(env);
    let stop = () => {};
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    const exited = Promise.resolve(act(env, print, stopped, args)).then(
      (code) => `Container called exit(${code}).`,
    );
    return { exited, kill: () => stop() };
  };
  const job = (change: Json = {}, tasks: Json = {}) => ({
    template: {
      taskCount: 3,
      ...change,
      template: {
        maxRetries: 1,
        ...tasks,
        containers: [{ image: `${IMAGE}@${rig.digest}`, args: ['a'], env: [{ name: 'BOTH', value: 'job' }] }],
      },
    },
  });
  const create = (body = job()) => rig.write('POST', `/v2/${LOCATION}/jobs?jobId=j`, body);
  const run = (body: Json = {}) => rig.write('POST', `/v2/${NAME}:run`, body);

  beforeEach(async () => {
    started.length = 0;
    act = () => 0;
    rig = await startRig({ startTask });
  });
  afterEach(() => rig.cloud.stop());

  it("creates, runs, lists and reads through Google's own clients", async () => {
    const client = new JobsClient(clientOptions(rig));
    const [creating] = await client.createJob({ parent: LOCATION, jobId: 'j', job: job() });
    await creating.promise();
    const [running] = await client.runJob({ name: NAME });
    const [execution] = await running.promise();
    expect(execution).toMatchObject({ job: 'j', taskCount: 3, succeededCount: 3 });
    const [read] = await client.getJob({ name: NAME });
    expect(read).toMatchObject({
      executionCount: 1,
      latestCreatedExecution: { name: execution.name!.split('/').pop() },
    });
    const executions = new ExecutionsClient(clientOptions(rig));
    expect((await executions.listExecutions({ parent: NAME }))[0]).toHaveLength(1);
    const tasks = new TasksClient(clientOptions(rig));
    const [listed] = await tasks.listTasks({ parent: execution.name! });
    expect(listed.map(({ index }) => index)).toEqual([0, 1, 2]);
    await Promise.all([client.close(), executions.close(), tasks.close()]);
  });

  it("gives a task the job's variables, its index and how many there are", async () => {
    await create();
    await run();
    expect(started.map((env) => env.CLOUD_RUN_TASK_INDEX).sort()).toEqual(['0', '1', '2']);
    expect(started[0]).toMatchObject({
      CLOUD_RUN_JOB: 'j',
      CLOUD_RUN_TASK_COUNT: '3',
      CLOUD_RUN_TASK_ATTEMPT: '0',
      FROM_IMAGE: 'yes',
      BOTH: 'job',
    });
  });

  it('starts a task that failed again, and calls the execution failed when its retries are used up', async () => {
    act = ({ CLOUD_RUN_TASK_INDEX }) => (CLOUD_RUN_TASK_INDEX === '1' ? 7 : 0);
    await create();
    const { error } = await run();
    expect(error).toMatchObject({ message: expect.stringMatching(/^Task j-\w{5}-task1 failed/) });
    const { json } = await rig.call('GET', `/v2/${NAME}/executions`);
    const [execution] = json.executions as Json[];
    expect(execution).toMatchObject({ succeededCount: 2, failedCount: 1, retriedCount: 1 });
    expect(
      started.filter((env) => env.CLOUD_RUN_TASK_INDEX === '1').map((env) => env.CLOUD_RUN_TASK_ATTEMPT),
    ).toEqual(['0', '1']);
    const { json: listed } = await rig.call('GET', `/v2/${execution!.name}/tasks`);
    expect((listed.tasks as Json[])[1]).toMatchObject({ retried: 1, lastAttemptResult: { exitCode: 7 } });
  });

  it('runs no more tasks side by side than the parallelism', async () => {
    let atOnce = 0;
    let most = 0;
    act = async () => {
      most = Math.max(most, ++atOnce);
      await new Promise(setImmediate);
      return --atOnce * 0;
    };
    await create(job({ taskCount: 7, parallelism: 2 }));
    await run();
    expect(started).toHaveLength(7);
    expect(most).toBe(2);
  });

  it("takes a run's own arguments, variables and number of tasks", async () => {
    const seen: (readonly string[])[] = [];
    act = (_env, _print, _stopped, args) => (seen.push(args.slice(-1)), 0);
    await create();
    const env = [{ name: 'BOTH', value: 'run' }];
    await run({ overrides: { taskCount: 1, containerOverrides: [{ args: ['b'], env }] } });
    expect(seen).toEqual([['b']]);
    expect(started[0]?.BOTH).toBe('run');
    await run();
    expect(seen.slice(1)).toEqual([['a'], ['a'], ['a']]);
  });

  it('ends what runs and starts nothing more when it is cancelled', async () => {
    act = async (_env, _print, stopped) => stopped.then(() => 143);
    await create(job({ parallelism: 1 }));
    const { json: begun } = await rig.call('POST', `/v2/${NAME}:run`, {});
    const { name } = begun.metadata as Json;
    const cancelled = await rig.write('POST', `/v2/${name}:cancel`, {});
    expect(cancelled.response).toMatchObject({ cancelledCount: 3 });
    expect(started).toHaveLength(1);
    expect((await rig.call('POST', `/v2/${name}:cancel`, {})).status).toBe(400);
  });

  it('writes what a task prints into Cloud Logging, with its execution, index and attempt', async () => {
    act = (_env, print) => (print('stdout', '{"severity":"NOTICE","message":"done"}'), 0);
    await create(job({ taskCount: 1 }));
    await run();
    const { json } = await rig.call('POST', '/v2/entries:list', {
      resourceNames: ['projects/p'],
      filter: 'resource.type="cloud_run_job"',
    });
    expect((json.entries as Json[])[0]).toMatchObject({
      severity: 'NOTICE',
      jsonPayload: { message: 'done' },
      resource: {
        type: 'cloud_run_job',
        labels: { job_name: 'j', location: 'us-central1', project_id: 'p' },
      },
      labels: { 'run.googleapis.com/task_index': '0', 'run.googleapis.com/task_attempt': '0' },
    });
  });

  it.each([
    [
      'a job that is there',
      async () => (await create(), rig.call('POST', `/v2/${LOCATION}/jobs?jobId=j`, job())),
      409,
    ],
    ['a name that is none', () => rig.call('POST', `/v2/${LOCATION}/jobs?jobId=J_1`, job()), 400],
    [
      'no container',
      () => rig.call('POST', `/v2/${LOCATION}/jobs?jobId=j`, { template: { template: {} } }),
      400,
    ],
    [
      'more tasks than Cloud Run takes',
      () => rig.call('POST', `/v2/${LOCATION}/jobs?jobId=j`, job({ taskCount: 10_001 })),
      400,
    ],
    ['a run of no job', () => rig.call('POST', `/v2/${NAME}:run`, {}), 404],
    [
      'an etag that is old',
      async () => (await create(), rig.call('PATCH', `/v2/${NAME}`, { ...job(), etag: '"old"' })),
      409,
    ],
    [
      'a run without the permission',
      async () => (
        await create(),
        rig.cloud.access.withhold('run.jobs.run'),
        rig.call('POST', `/v2/${NAME}:run`, {})
      ),
      403,
    ],
    [
      'a changed run without the permission to change it',
      async () => {
        await create();
        rig.cloud.access.withhold('run.jobs.runWithOverrides');
        return rig.call('POST', `/v2/${NAME}:run`, { overrides: { taskCount: 1 } });
      },
      403,
    ],
  ] as [string, () => Promise<{ status: number }>, number][])('rejects %s', async (_what, ask, status) => {
    expect((await ask()).status).toBe(status);
    expect(started).toHaveLength(0);
  });

  it('runs a task as a process of its own by default', async () => {
    await rig.cloud.stop();
    rig = await startRig();
    const body = job({ taskCount: 1 });
    body.template.template.containers[0] = {
      image: `${IMAGE}@${rig.digest}`,
      command: [
        process.execPath,
        '-e',
        'process.exit(Number(process.env.CLOUD_RUN_TASK_ATTEMPT) === 1 ? 0 : 5)',
      ],
    } as never;
    await create(body);
    expect((await run()).response).toMatchObject({ succeededCount: 1, retriedCount: 1 });
  });
});
