import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadDeployment } from '../../deployments/load';
import { batchJob } from '../../domain/batch/job';
import type { Deployment } from '../../domain/deployment';
import { bucketName, BUCKETS } from '../../domain/names';
import { rollback } from '../../release/verbs/rollback';
import { startProcess } from '../cloud/run/process';
import { startTaskProcess } from '../cloud/run/task';
import { childrenOf, residentMib } from '../memory';
import { DEPLOYMENT, openStage, type Stage } from '../stage';
import { type Fault, storms } from './faults';

/** A local cloud with the batch's job, whose every process can be ended. */
export interface World {
  readonly stage: Stage;
  /** Calls of Cloud Storage by tasks: `GET /storage/v1/b/…`. */
  readonly calls: readonly string[];
  strike(fault: Fault): Promise<void>;
  /** Largest task, its reading process with it; 0 where the system does not tell. */
  taskMemoryMib(): Promise<number>;
  close(): Promise<void>;
}

interface Ended {
  readonly pid?: number | undefined;
  readonly exited: Promise<string>;
  kill(signal: 'SIGKILL'): void;
}

const ROOT = join(__dirname, '../..');
/** What only the tasks have: their calls are told from those of the rehearsal. */
const TASK_TOKEN = 'task';

export async function openWorld(
  batchBuckets: { readonly input: string; readonly out: string },
  progress: (line: string) => void,
): Promise<World> {
  const storm = storms();
  const calls: string[] = [];
  const tasks = new Set<Ended>();
  const instances = new Set<Ended>();
  const keep = <T extends Ended>(all: Set<Ended>, started: T): T => {
    all.add(started);
    void started.exited.then(() => all.delete(started));
    return started;
  };
  const rehearsal = loadDeployment(DEPLOYMENT);
  const deployment: Deployment = {
    ...rehearsal,
    batch: {
      ...rehearsal.batch,
      inputBuckets: [batchBuckets.input],
      outputBuckets: [batchBuckets.out],
    },
  };
  const stage = await openStage({
    deployment,
    progress,
    cloud: {
      buckets: [...Object.values(batchBuckets), ...BUCKETS.map((bucket) => bucketName(deployment, bucket))],
      interfere(asked) {
        const isTask = asked.authorization === `Bearer ${TASK_TOKEN}`;
        if (isTask && asked.path.includes('/storage/')) calls.push(`${asked.method} ${asked.url}`);
        // Storms are over the tasks alone: the person who looks on is not what is tried here.
        return isTask || asked.path.startsWith('/run/') ? storm.answer(asked) : undefined;
      },
      startTask: (command, print) =>
        keep(
          tasks,
          startTaskProcess(command, (stream, line) => {
            progress(`task ${command.env.CLOUD_RUN_TASK_INDEX}: ${line.slice(0, 300)}`);
            print(stream, line);
          }),
        ),
      startContainer: async (...start) => keep(instances, await startProcess(...start)),
    },
  });
  await makeJob(stage, deployment);
  const kill = (all: Set<Ended>) => [...all].at(-1)?.kill('SIGKILL');

  return {
    stage,
    calls,
    async strike(fault) {
      if (fault === 'task killed') kill(tasks);
      if (fault === 'service instance killed') kill(instances);
      if (fault === 'reading process killed') await killChild([...tasks].at(-1)?.pid);
      if (fault === 'storm of 429') storm.begin('overloaded');
      if (fault === 'storage answers 503') storm.begin('storage');
      if (fault === 'right to write lost') storm.begin('writes');
      if (fault === 'rolled back')
        await rollback(stage.context('on-call'), { reason: 'while a backlog is read', now: true });
    },
    async taskMemoryMib() {
      const pids = [...tasks].flatMap(({ pid }) => pid ?? []);
      const all = await Promise.all(pids.map(residentMib));
      return Math.max(0, ...all);
    },
    async close() {
      await stage.stop();
      await rm(stage.directory, { recursive: true, force: true });
    },
  };
}

async function killChild(pid: number | undefined): Promise<void> {
  const [child] = pid === undefined ? [] : await childrenOf(pid);
  if (child !== undefined) process.kill(child, 'SIGKILL');
}

/** The batch stack's job, with what stands in for a metadata server: a token, and an account to mint identity tokens for. */
async function makeJob({ cloud, context }: Stage, deployment: Deployment): Promise<void> {
  const { call } = context('owner');
  const job = batchJob(deployment);
  const name = job.image.split('@')[0]!;
  const entrypoint = [process.execPath, join(ROOT, 'bin/start.js'), 'operate/batch/task'];
  const digest = cloud.registry.push({ name, tags: ['rehearsal'], entrypoint, env: {} });
  const env = {
    LIGHTONOCR_ENDPOINT: cloud.url,
    GOOGLE_OAUTH_ACCESS_TOKEN: TASK_TOKEN,
    LIGHTONOCR_INVOKER: `batch@${deployment.project}.iam.gserviceaccount.com`,
  };
  await call('run', {
    method: 'POST',
    path: `/v2/projects/${deployment.project}/locations/${deployment.region}/jobs`,
    query: { jobId: job.name },
    body: {
      template: {
        template: {
          maxRetries: job.maxRetries,
          timeout: `${job.timeoutSeconds}s`,
          serviceAccount: job.serviceAccount,
          containers: [
            {
              image: `${name}@${digest}`,
              env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
              resources: { limits: { cpu: String(job.cpu), memory: `${job.memoryGib}Gi` } },
            },
          ],
        },
      },
    },
  });
}
