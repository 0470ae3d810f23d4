import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { App } from 'cdktf';
import { loadDeployment } from '../../../deployments/load';
import type { Deployment } from '../../../domain/deployment';
import type { Failure } from '../../../domain/failure';
import type { Ledger } from '../../../domain/ledger';
import { stackName } from '../../../domain/names';
import { sharesOf, type TrafficTarget } from '../../../domain/traffic';
import type { Clock } from '../../../ocr/clock';
import type { LocalCloudOptions } from '../../../rehearsal/cloud/localCloud';
import { DEPLOYMENT, deployRun, failureOf, openStage, planRun, type Stage } from '../../../rehearsal/stage';
import { terraform as standIn } from '../../../rehearsal/terraform/main';
import { apply } from '../../../release/apply';
import type { ReleaseContext } from '../../../release/context';
import type { PlanResult } from '../../../release/plan';
import { type Execute, terraform } from '../../../release/terraform';
import { OcrServiceStack } from '../../../stacks/ocrServiceStack';

/** A second of the engine and of the local cloud, in real seconds: 1/20. */
const SPEED = 20;
const ROOT = join(__dirname, '../../..');

export const fastClock: Clock = {
  now: () => new Date(Date.now() * SPEED - OFFSET),
  sleep: (seconds, signal) => wait((seconds * 1000) / SPEED, undefined, { signal }),
};
const OFFSET = Date.now() * (SPEED - 1);

export interface Released {
  readonly sha: string;
  readonly revision: string;
}

/** The real engine on a local cloud with instant containers. Synth and Terraform run in this process, nothing else differs. */
export interface Engine extends Pick<Stage, 'cloud' | 'repository' | 'traffic'> {
  readonly deployment: Deployment;
  /** A workflow run or a person; `change` puts something in between. */
  run(name: string, change?: (context: ReleaseContext) => Partial<ReleaseContext>): ReleaseContext;
  /** Commits another image; `fault` as in rehearsal/vllm/fault.ts. */
  merge(fault?: string): Promise<string>;
  /** Builds, plans, applies and releases a new image. */
  release(options?: { initLedger?: boolean }): Promise<Released>;
  ledger(): Promise<Ledger>;
  /** The service as the cloud has it. */
  service(): { etag: string; generation: string; traffic: TrafficTarget[]; trafficStatuses: TrafficTarget[] };
  revisions(): string[];
  /** Requests that reached a revision by its share of the traffic, not by its tag. */
  routed(revision: string): number;
  /** What somebody writes with gcloud or in the console: no ledger, no etag. */
  byHand(body: object, mask: string): Promise<void>;
  stop(): Promise<void>;
}

export async function openEngine(
  options: { cloud?: Partial<LocalCloudOptions>; release?: Partial<Deployment['release']> } = {},
): Promise<Engine> {
  const directory = await mkdtemp(join(tmpdir(), 'lightonocr-engine-'));
  const rehearsal = loadDeployment(DEPLOYMENT);
  const deployment: Deployment = {
    ...rehearsal,
    state: { backend: 'local', path: join(directory, 'state') },
    requestTimeoutSeconds: 3600,
    // Connects as soon as the process listens; an HTTP probe would wait for its next period.
    probe: { type: 'tcp', initialDelaySeconds: 0, periodSeconds: 20, timeoutSeconds: 20, failureThreshold: 1 },
    release: {
      ...rehearsal.release,
      leaseSeconds: 600,
      monitoringLagSeconds: 1,
      smoke: { coldStartSeconds: 600, latencySeconds: 600, maxCharacterErrorRate: 0.1 },
      canary: {
        ...rehearsal.release.canary,
        steps: [
          { percent: 10, bakeSeconds: 4 },
          { percent: 100, bakeSeconds: 4 },
        ],
        minRequests: 1,
        syntheticPages: 2,
        maxLatencyP95Seconds: 600,
        maxExtensions: 4,
      },
      ...options.release,
    },
  };
  const stage = await openStage({
    progress: () => undefined,
    deployment,
    clock: fastClock,
    cloud: {
      imageEntrypoint: [process.execPath, join(__dirname, 'fixtures/container.cjs')],
      gpuQuota: 20,
      operationSeconds: 0,
      buildSeconds: 0.05,
      monitoringLagSeconds: 0,
      now: () => fastClock.now().getTime(),
      ...options.cloud,
    },
  });
  let images = 0;
  let runs = 0;

  const run: Engine['run'] = (name, change = () => ({})) => {
    const opened = stage.context(name);
    const outdir = join(directory, `${name}-${++runs}`);
    const context: ReleaseContext = {
      ...opened,
      workspace: {
        stack: (kind) => join(outdir, 'stacks', stackName(deployment, kind)),
        file: (file) => join(outdir, file),
        async synth(identity) {
          mkdirSync(outdir, { recursive: true });
          const app = new App({ outdir, stackTraces: false });
          new OcrServiceStack(app, deployment, identity);
          app.synth();
        },
      },
      terraform: terraform('stand-in', { ...process.env, ...endpoints(stage) } as never, inProcess),
    };
    return { ...context, ...change(context) };
  };

  const service = () => stage.cloud.run.service(deployment.service) as ReturnType<Engine['service']>;
  const merge = (fault?: string) => {
    const lines = [`LABEL image=${++images}`, ...(fault ? [`ENV STAND_IN_FAULT=${fault}`] : [])];
    return stage.repository.merge(`image ${images}`, { image: lines.join('\n') });
  };

  return {
    cloud: stage.cloud,
    repository: stage.repository,
    traffic: stage.traffic,
    deployment,
    run,
    merge,
    async release(releaseOptions) {
      const sha = await merge();
      const context = run(`merge-${sha.slice(0, 7)}`);
      const { revision } = await deployRun(context, sha, await planRun(context, sha), releaseOptions);
      return { sha, revision };
    },
    ledger: async () => (await stage.context('look').ledger.read())!,
    service,
    revisions: () => stage.cloud.run.revisions(deployment.service).map(({ name }) => String(name).split('/').pop()!),
    routed: (revision) =>
      stage.cloud.requests.filter((request) => request.revision === revision && request.tag === undefined).length,
    async byHand(body, mask) {
      const { call } = stage.context('by hand');
      const { data } = await call<{ name: string }>('run', {
        method: 'PATCH',
        path: `/v2/projects/${deployment.project}/locations/${deployment.region}/services/${deployment.service}`,
        query: { updateMask: mask },
        body,
      });
      await call('run', { method: 'POST', path: `/v2/${data.name}:wait`, body: { timeout: '30s' } });
    },
    async stop() {
      await stage.stop();
      await Promise.all([directory, stage.directory].map((path) => rm(path, { recursive: true, force: true })));
    },
  };
}

const endpoints = ({ cloud }: Stage) => ({
  GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT: `${cloud.url}/v2/`,
  GOOGLE_OAUTH_ACCESS_TOKEN: 'rehearsal',
});

/** The stand-in without its process: a release calls Terraform nine times, and each start costs a second. */
const inProcess: Execute = async (_program, args, environment) => {
  let stdout = '';
  let stderr = '';
  const code = await standIn(args, {
    directory: ROOT,
    environment,
    print: (text) => (stdout += text),
    printError: (text) => (stderr += text),
    sleep: (milliseconds) => wait(milliseconds / SPEED),
  });
  return { code, stdout, stderr };
};

/** Deploys and says what a workflow would: the outcome, or the failure's code and exit code. */
export async function outcomeOf(work: Promise<{ outcome?: string } | void>) {
  let outcome: string | undefined;
  const failure: Failure | undefined = await failureOf(work.then((result) => (outcome = result?.outcome ?? 'done')));
  return failure ? { code: failure.code, exitCode: failure.exitCode } : { outcome };
}

/** Applies a plan, as deploy.yml does. */
export const applyRun = (
  context: ReleaseContext,
  { id, fingerprint }: PlanResult,
  options: { force?: boolean; initLedger?: boolean; push?: boolean } = {},
) => apply(context, { plan: id!, fingerprint, push: true, ...options });

export const percentOf = (engine: Engine, revision: string) =>
  sharesOf(engine.service().trafficStatuses).get(revision) ?? 0;
