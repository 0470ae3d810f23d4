import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDeployment } from '../deployments/load';
import type { Deployment } from '../domain/deployment';
import { Failure } from '../domain/failure';
import { bucketName } from '../domain/names';
import { placeholderIdentity } from '../domain/plan/placeholder';
import { describeTraffic, sharesOf, type TrafficTarget } from '../domain/releases/traffic';
import type { Clock } from '../ocr/clock';
import { preparePage } from '../ocr/page';
import { apply } from '../release/verbs/apply';
import { build } from '../release/verbs/build';
import type { ReleaseContext } from '../release/ports/context';
import { openRelease } from '../release/open';
import { plan, type PlanResult } from '../release/verbs/plan';
import { reconcile } from '../release/verbs/reconcile';
import { release, type ReleaseResult } from '../release/verbs/release';
import { synthService } from '../release/adapters/terraform/synthPlan';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from './cloud/localCloud';
import { type Defence, withoutDefence } from './defences';
import { createRepository, type Repository } from './repository';
import { terraformEnvironment } from './terraformEnvironment';

export interface StageOptions {
  readonly port?: number;
  readonly without?: Defence;
  /** Path or name of a real Terraform; default the stand-in. */
  readonly terraform?: string;
  /** A line of progress. */
  readonly progress: (line: string) => void;
  /** Default: the rehearsal's. */
  readonly deployment?: Deployment;
  /** The project whose stacks are synthesized; default: this one. */
  readonly root?: string;
  /** Default: one of its own, with the image alone. */
  readonly repository?: Repository;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Sends the engine's requests into the cloud. Default: Node's own, over HTTP. */
  readonly fetch?: (cloud: LocalCloud) => typeof fetch;
  /** Of the local cloud, instead of what the deployment says. */
  readonly cloud?: Partial<LocalCloudOptions>;
}

/** The local cloud, the repository, and the workflows as functions: what the steps of the rehearsal play on. */
export interface Stage {
  readonly cloud: LocalCloud;
  readonly repository: Repository;
  readonly directory: string;
  /** Path or name of the Terraform that plays. */
  readonly terraform: string;
  /** A release context as a workflow run or a person has one, of the stage's deployment or of another. */
  context(run: string, of?: Deployment, clock?: Clock): ReleaseContext;
  /** What `npm run synth` writes, with Terraform made ready in the service stack's folder, which is returned. */
  synth(): Promise<string>;
  /** What deploy.yml does up to the approval. */
  plan(sha: string): Promise<PlanResult>;
  /** The first step after the approval, alone. */
  apply(sha: string, planned: PlanResult): Promise<void>;
  /** What deploy.yml does after the approval, `reconcile` at the end always. */
  deploy(sha: string, planned: PlanResult, options?: { initLedger?: boolean }): Promise<ReleaseResult>;
  /** `A 90 %, B 10 %`, as the service has it. */
  traffic(of?: Deployment): Promise<string>;
  /** Percent of a revision, as the service has it. */
  percent(revision: string): Promise<number>;
  /** Short names, oldest first; a commit is a part of its revision's. */
  revisions(of?: Deployment): string[];
  /** Requests that a revision got by its share of the traffic, not by its tag. */
  routed(revision: string): number;
  stop(): Promise<void>;
}

export const DEPLOYMENT = 'rehearsal';
const ROOT = join(__dirname, '..');
/** Those that a release reads and writes. */
const FOUNDATION_BUCKETS = ['plans', 'ledger', 'sources', 'logs'] as const;
/** Any bearer token opens the local cloud's control plane; identity tokens it mints itself. */
export const ACCESS_TOKEN = 'rehearsal';

export async function openStage(options: StageOptions): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'lightonocr-rehearsal-'));
  const { clock, deployment = loadDeployment(DEPLOYMENT) } = options;
  const cloud = await startLocalCloud({
    ...(options.port !== undefined && { port: options.port }),
    imageEntrypoint: [process.execPath, join(ROOT, 'bin/start.js'), 'rehearsal/vllm/main'],
    // The stand-in only records the Foundation, which makes them; the real Terraform makes them itself.
    buckets: options.terraform ? [] : FOUNDATION_BUCKETS.map((bucket) => bucketName(deployment, bucket)),
    gpuQuota: deployment.quota.gpus,
    operationSeconds: 0.2,
    buildSeconds: 0.4,
    monitoringLagSeconds: deployment.release.monitoringLagSeconds,
    logDirectory: join(directory, 'logs'),
    ...(clock && { clock }),
    onEvent: ({ text }) => options.progress(`cloud: ${text}`),
    ...options.cloud,
  });
  const terraform = options.terraform ?? join(ROOT, 'rehearsal/terraform/terraform');
  const repository = options.repository ?? (await createRepository(ROOT, join(directory, 'repository')));

  const context = (run: string, of = deployment, own = clock) =>
    openRelease({
      deployment: of,
      ...(options.root !== undefined && { root: options.root }),
      repository: repository.directory,
      directory: join(directory, of === deployment ? 'stacks' : `stacks-${of.name}`),
      endpoint: cloud.url,
      terraform,
      defences: withoutDefence(options.without),
      progress: options.progress,
      ...(own && { clock: own }),
      ...(options.fetch && { fetch: options.fetch(cloud) }),
      environment: {
        accessToken: ACCESS_TOKEN,
        invoker: `deployer@${of.project}.iam.gserviceaccount.com`,
        runId: run,
        user: run,
        terraformEnvironment: terraformEnvironment(cloud.url, ACCESS_TOKEN, of.terraform.google),
      },
    });

  const statuses = (of = deployment) =>
    (cloud.run.service(of.service)?.trafficStatuses ?? []) as readonly TrafficTarget[];
  const workflow = (sha: string) => context(`merge-${sha.slice(0, 7)}`);

  return {
    cloud,
    repository,
    directory,
    terraform,
    context,
    synth: () => synthService(context('synth'), placeholderIdentity(deployment)),
    plan: (sha) => planRun(workflow(sha), sha),
    async apply(sha, { id, fingerprint }) {
      await apply(workflow(sha), { plan: id!, fingerprint, push: true });
    },
    deploy: (sha, planned, deployOptions) => deployRun(workflow(sha), sha, planned, deployOptions),
    traffic: async (of) => describeTraffic(statuses(of)),
    percent: async (revision) => sharesOf(statuses()).get(revision) ?? 0,
    revisions: (of = deployment) =>
      cloud.run.revisions(of.service).map(({ name }) => String(name).split('/').pop()!),
    routed: (revision) =>
      cloud.requests.filter((request) => request.revision === revision && request.tag === undefined).length,
    stop: () => cloud.stop(),
  };
}

/** What deploy.yml does up to the approval. */
export async function planRun(run: ReleaseContext, sha: string): Promise<PlanResult> {
  const { digest } = await build(run, { sha });
  return plan(run, { sha, digest });
}

/** What deploy.yml does after the approval, `reconcile` at the end always. */
export async function deployRun(
  run: ReleaseContext,
  sha: string,
  { id, fingerprint }: PlanResult,
  options: { initLedger?: boolean; force?: boolean; push?: boolean } = {},
): Promise<ReleaseResult> {
  try {
    await apply(run, { plan: id!, fingerprint, push: true, ...options });
    return await release(run, { sha, ...options });
  } finally {
    await reconcile(run);
  }
}

/** The failure that a deploy or rollback ends with; an error of any other kind is thrown on. */
export async function failureOf(work: Promise<unknown>): Promise<Failure | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

export const GOLDEN_PAGE = join(ROOT, 'release/golden/page.png');
export const goldenPage = async () =>
  preparePage(await readFile(GOLDEN_PAGE), {
    longestSidePixels: loadDeployment(DEPLOYMENT).page.longestSidePixels,
  });
