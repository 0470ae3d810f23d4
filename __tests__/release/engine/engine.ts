import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { loadDeployment } from '../../../deployments/load';
import type { Deployment } from '../../../domain/deployment';
import type { Ledger } from '../../../domain/releases/ledger';
import { servicePath, stackName } from '../../../domain/names';
import { REVISION, sharesOf, type TrafficTarget } from '../../../domain/releases/traffic';
import type { Clock } from '../../../ocr/clock';
import type { LocalCloudOptions } from '../../../rehearsal/cloud/localCloud';
import { DEPLOYMENT, deployRun, failureOf, openStage, planRun, type Stage } from '../../../rehearsal/stage';
import { terraform as standIn } from '../../../rehearsal/terraform/main';
import { apply } from '../../../release/verbs/apply';
import type { ReleaseContext } from '../../../release/ports/context';
import { goldenSet } from '../../../release/checks/goldenSet';
import type { PlanResult } from '../../../release/verbs/plan';
import { type Execute, terraform } from '../../../release/adapters/terraform/terraform';
import { containersOf, fetchFrom } from '../../fixtures/inProcess';
import { testTime } from '../../fixtures/testTime';
import { goldenServer } from './goldenServer';
import { memoryRepository } from './memoryRepository';
import { OcrServiceStack } from '../../../stacks/ocrServiceStack';

const ROOT = join(__dirname, '../../..');

export interface Released {
  readonly sha: string;
  readonly revision: string;
}

/**
 * The real engine on a local cloud with instant containers, on virtual time. Synth, Terraform, containers and requests stay in this
 * process, nothing else differs.
 */
export interface Engine extends Pick<Stage, 'cloud' | 'repository' | 'traffic'> {
  readonly clock: Clock;
  /** Sends requests into the cloud. */
  readonly fetch: typeof fetch;
  readonly deployment: Deployment;
  /** A workflow run or a person; `change` puts something in between, `clock` is that of its machine. */
  run(
    name: string,
    change?: (context: ReleaseContext) => Partial<ReleaseContext>,
    clock?: Clock,
  ): ReleaseContext;
  /** Commits another image; `fault` as in rehearsal/vllm/fault.ts. */
  merge(fault?: string): Promise<string>;
  /** Builds, plans, applies and releases a new image. */
  release(options?: { initLedger?: boolean }): Promise<Released>;
  /** Two revisions that have served, A and then B; B serves. The ledger and traffic are as if no test had been before. */
  twoReleases(): Promise<{ a: Released; b: Released }>;
  ledger(): Promise<Ledger>;
  /** The service as the cloud has it. */
  service(): {
    uid: string;
    etag: string;
    generation: string;
    traffic: TrafficTarget[];
    trafficStatuses: TrafficTarget[];
  };
  revisions(): string[];
  /** Resolves when the service has taken what was written last. */
  settled(): Promise<void>;
  /** Requests that reached a revision by its share of the traffic, not by its tag. */
  routed(revision: string): number;
  /** What somebody writes with gcloud or in the console: no ledger, no etag. */
  byHand(body: object, mask: string, query?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

export interface EngineOptions {
  readonly cloud?: Partial<LocalCloudOptions>;
  /** Most that a step of the canary lasts; default 600, which only what stays undecided reaches. */
  readonly bakeSeconds?: number;
  /** Git itself, where it is what is looked at, or other processes are; default in memory. */
  readonly real?: boolean;
}

export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const inMemory = options.real ? undefined : memoryRepository();
  const directory = await mkdtemp(join(tmpdir(), 'lightonocr-engine-'));
  const rehearsal = loadDeployment(DEPLOYMENT);
  const { bakeSeconds = 600 } = options;
  const deployment: Deployment = {
    ...rehearsal,
    state: { backend: 'local', path: join(directory, 'state') },
    requestTimeoutSeconds: 3600,
    // Connects as soon as the process listens; an HTTP probe would wait for its next period.
    probe: {
      type: 'tcp',
      initialDelaySeconds: 0,
      periodSeconds: 20,
      timeoutSeconds: 20,
      failureThreshold: 1,
    },
    release: {
      ...rehearsal.release,
      leaseSeconds: 600,
      monitoringPeriodSeconds: 60,
      monitoringLagSeconds: 1,
      smoke: { coldStartSeconds: 600, latencySeconds: 600, maxCharacterErrorRate: 0.1 },
      canary: {
        ...rehearsal.release.canary,
        steps: [
          { percent: 10, bakeSeconds },
          { percent: 100, bakeSeconds },
        ],
        // A handful of golden pages decide: what these tests are about is not how sure a verdict is.
        harm: { errorRateIncrease: 0.5, latencyRatio: 1000, characterErrorRateIncrease: 0.2 },
        maxHarmServed: 0.25,
      },
    },
  };
  const { clock } = testTime();
  // Threads draw them, and time does not wait for threads.
  await Promise.all(goldenSet(deployment).map((page) => page.prepared()));
  const stage = await openStage({
    progress: () => undefined,
    deployment,
    clock,
    fetch: fetchFrom,
    ...(inMemory && { repository: inMemory.repository }),
    cloud: {
      imageEntrypoint: ['golden-server'],
      ...(!options.cloud?.imageEntrypoint && {
        startContainer: containersOf(goldenServer(clock, options.real ? 0 : undefined)),
      }),
      gpuQuota: 20,
      operationSeconds: 0,
      buildSeconds: 0.05,
      monitoringLagSeconds: 0,
      ...options.cloud,
    },
  });
  const fetch = fetchFrom(stage.cloud);
  let images = 0;
  let runs = 0;
  let scene: { a: Released; b: Released; ledger: Ledger } | undefined;

  const run: Engine['run'] = (name, change = () => ({}), own = clock) => {
    const opened = stage.context(name, deployment, own);
    const outdir = join(directory, `${name}-${++runs}`);
    const context: ReleaseContext = {
      ...opened,
      workspace: {
        stack: (kind) => join(outdir, 'stacks', stackName(deployment, kind)),
        file: (file) => join(outdir, file),
        async synth(identity) {
          mkdirSync(outdir, { recursive: true });
          const app = new App({ outdir, stackTraces: false });
          new OcrServiceStack(app, changed.deployment, identity);
          app.synth();
        },
      },
      ...(inMemory && { git: inMemory.git }),
      terraform: terraform('stand-in', { ...process.env, ...endpoints(stage) }, inProcess(clock, fetch)),
    };
    const changed = { ...context, ...change(context) };
    return changed;
  };

  const ledger = async () => (await stage.context('look').ledger.read())!;
  const service = () => stage.cloud.run.service(deployment.service) as ReturnType<Engine['service']>;
  const merge = (fault = '') => {
    // The Dockerfile grows: what an earlier merge set has to be set again.
    const lines = [`LABEL image=${++images}`, `ENV STAND_IN_FAULT="${fault}"`];
    return stage.repository.merge(`image ${images}`, { image: lines.join('\n') });
  };

  const byHand: Engine['byHand'] = async (body, mask, query) => {
    const { call } = stage.context('by hand');
    const { data } = await call<{ name: string }>('run', {
      method: 'PATCH',
      path: `/v2/${servicePath(deployment)}`,
      query: { updateMask: mask, ...query },
      body,
    });
    await call('run', { method: 'POST', path: `/v2/${data.name}:wait`, body: { timeout: '30s' } });
  };
  /** One step, hardly a bake: a release that only sets a scene. */
  const unwatched = ({ defences }: ReleaseContext): Partial<ReleaseContext> => {
    const { release: settings } = deployment;
    const canary = { ...settings.canary, steps: [{ percent: 100, bakeSeconds: 60 }], maxGoldenPages: 0 };
    return {
      deployment: { ...deployment, release: { ...settings, canary, monitoringLagSeconds: 0 } },
      defences: { ...defences, judge: () => ({ state: 'healthy', reasons: [] }) },
    };
  };
  const release: Engine['release'] = async (releaseOptions) => {
    const sha = await merge();
    const context = run(`merge-${sha.slice(0, 7)}`, unwatched);
    const { revision } = await deployRun(context, sha, await planRun(context, sha), releaseOptions);
    return { sha, revision };
  };

  return {
    clock,
    fetch,
    cloud: stage.cloud,
    repository: stage.repository,
    traffic: stage.traffic,
    deployment,
    run,
    merge,
    release,
    async twoReleases() {
      if (scene === undefined) {
        const [a, b] = [await release({ initLedger: true }), await release()];
        scene = { a, b, ledger: await ledger() };
      }
      const { ledger: then, b } = scene;
      await stage.context('scene').ledger.update((now) => ({ ...then, epoch: now!.epoch + 1 }));
      await byHand({ traffic: [{ type: REVISION, revision: b.revision, percent: 100 }] }, 'traffic');
      return scene;
    },
    ledger,
    service,
    revisions: () => stage.revisions(),
    async settled() {
      while ((service() as { reconciling?: boolean }).reconciling) await clock.sleep(0.1);
    },
    routed: stage.routed,
    byHand,
    async stop() {
      await stage.stop();
      await Promise.all(
        [directory, stage.directory].map((path) => rm(path, { recursive: true, force: true })),
      );
    },
  };
}

const endpoints = ({ cloud }: Stage) => ({
  GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT: `${cloud.url}/v2/`,
  GOOGLE_OAUTH_ACCESS_TOKEN: 'rehearsal',
});

/** The stand-in without its process: a release calls Terraform nine times, and each start costs a second. */
const inProcess =
  ({ sleep }: Clock, fetch: Engine['fetch']): Execute =>
  async (_program, args, environment) => {
    let stdout = '';
    let stderr = '';
    const code = await standIn(args, {
      directory: ROOT,
      environment,
      print: (text) => (stdout += text),
      printError: (text) => (stderr += text),
      sleep: (milliseconds) => sleep(milliseconds / 1000),
      fetch,
    });
    return { code, stdout, stderr };
  };

/** What a shell and a person see of a verb: `CODE, exit 3`, or `done`. */
export async function endOf(work: Promise<unknown>): Promise<string> {
  const failure = await failureOf(work);
  return failure ? `${failure.code}, exit ${failure.exitCode}` : 'done';
}

/** Applies a plan, as deploy.yml does. */
export const applyRun = (
  context: ReleaseContext,
  { id, fingerprint }: PlanResult,
  options: { force?: boolean; initLedger?: boolean; push?: boolean } = {},
) => apply(context, { plan: id!, fingerprint, push: true, ...options });

export const percentOf = (engine: Engine, revision: string) =>
  sharesOf(engine.service().trafficStatuses).get(revision) ?? 0;

/** Healthy once callers' metrics were read, whatever they say: for tests that step in there, and are not about verdicts. */
export const healthyOnceMeasured = ({ defences }: ReleaseContext): Partial<ReleaseContext> => ({
  defences: {
    ...defences,
    judge: (_settings, _evidence, { measured }) => ({
      state: measured ? 'healthy' : 'inconclusive',
      reasons: [],
    }),
  },
});
