import { userInfo, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type AuthClient, GoogleAuth, OAuth2Client } from 'google-auth-library';
import { type ReleaseEnvironment, releaseEnvironment } from '../deployments/environment';
import { readEnvironmentFile } from '../deployments/environmentFile';
import type { Deployment } from '../domain/deployment';
import { Failure, messageOf } from '../domain/failure';
import { planDrift, applyDrift } from '../domain/plan/guard';
import { blockOn } from '../domain/releases/ledger';
import { PLACEHOLDER_PROJECT } from '../domain/plan/placeholder';
import { judge } from '../domain/canary/verdict';
import { mintIdentityToken } from '../ocr/googleIdentityToken';
import type { ObjectStore } from '../ocr/inputs/bucket';
import { cachedIdentityToken } from '../ocr/identityToken';
import { type Clock, systemClock } from '../ocr/clock';
import { cloudRun } from './adapters/google/cloudRun';
import type { Actor, Defences, ReleaseContext } from './ports/context';
import { git } from './adapters/git';
import { type CallApi, googleApi } from './adapters/google/googleApi';
import { ledgerStore } from './adapters/ledgerStore';
import { objectStore } from './adapters/google/objects';
import { metrics } from './adapters/google/metrics';
import { planStore } from './adapters/planStore';
import { serverTime } from './adapters/serverTime';
import { registry } from './adapters/google/registry';
import { smokeTest } from './checks/smoke';
import { storage } from './adapters/google/storage';
import { terraform } from './adapters/terraform/terraform';
import { workspace } from './adapters/terraform/workspace';

export interface OpenOptions {
  /** As `loadDeployment` reads it. */
  readonly deployment: Deployment;
  /** The project's folder; default: where this package is. */
  readonly root?: string;
  /** The git working copy whose commits are released; default `root`. */
  readonly repository?: string;
  /** Folder for synthesized stacks and plan files; default `.lightonocr/DEPLOYMENT`. */
  readonly directory?: string;
  /** Root of every Google API instead of the public ones. */
  readonly endpoint?: string;
  /** Path or name of Terraform or OpenTofu; default: the deployment's `terraform.engine`. */
  readonly terraform?: string;
  readonly defences?: Partial<Defences>;
  readonly clock?: Clock;
  /** Sends every request, Google's and the service's. Default: Node's own. */
  readonly fetch?: typeof fetch;
  readonly signal?: AbortSignal;
  readonly progress?: (line: string) => void;
  /** Default: the deployment's own file of variables (`deployments/environmentFile.ts`), and over it the process's. */
  readonly environment?: ReleaseEnvironment;
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const DEFENCES: Defences = { guard: { planDrift, applyDrift }, smoke: smokeTest, judge, blockOn };

/** Everything a verb needs, from a deployment's name: files, environment, credentials, Google's APIs, git and Terraform. */
export function openRelease(options: OpenOptions): ReleaseContext {
  const root = options.root ?? join(__dirname, '..');
  const { deployment } = options;
  const environment = options.environment ?? environmentOf(root, deployment);
  const progress = options.progress ?? (() => undefined);
  const local = options.clock ?? systemClock;
  const { clock, observe } = serverTime(local, progress);
  const endpoint = rootUrl(options.endpoint ?? environment.endpoint);
  const client = credentials(environment, options.fetch ?? fetch);
  const call =
    deployment.project === PLACEHOLDER_PROJECT && endpoint === undefined
      ? refusePlaceholder(deployment)
      : googleApi(client, endpoint, clock, () => {
          const asked = local.now().getTime();
          return (date) => observe(date, asked);
        });
  return {
    deployment,
    clock,
    ...(options.fetch && { fetch: options.fetch }),
    ...googlePorts(call, deployment, clock),
    git: git(options.repository ?? root),
    terraform: terraform(
      options.terraform ?? environment.terraform ?? deployment.terraform.engine,
      environment.terraformEnvironment,
      undefined,
      options.signal,
      deployment.terraform.engine,
    ),
    workspace: workspace(
      root,
      resolve(options.directory ?? join(root, '.lightonocr', deployment.name)),
      deployment,
    ),
    identityToken: identityTokens(environment, client, endpoint, clock),
    defences: { ...DEFENCES, ...options.defences },
    actor: actor(environment),
    signal: options.signal ?? new AbortController().signal,
    progress,
  };
}

/** Objects of Cloud Storage alone, without a project: for documents in buckets. */
export function openObjects(
  endpoint: string | undefined,
  environment = releaseEnvironment(process.env),
): ObjectStore {
  return objectStore(googleApi(credentials(environment, fetch), rootUrl(endpoint ?? environment.endpoint)));
}

/** What is read and written through one way to call Google's APIs. */
export function googlePorts(call: CallApi, deployment: Deployment, clock: Clock) {
  const store = storage(call, clock);
  return {
    call,
    cloudRun: cloudRun(call, deployment),
    registry: registry(call, deployment, clock),
    storage: store,
    ledger: ledgerStore(store, deployment, clock),
    plans: planStore(store, deployment),
    metrics: metrics(call, deployment),
  } satisfies Partial<ReleaseContext>;
}

function environmentOf(root: string, { name }: Deployment): ReleaseEnvironment {
  const own = readEnvironmentFile(root, name);
  return { ...releaseEnvironment({ ...own, ...process.env }), terraformEnvironment: own };
}

/** @throws Failure `BAD_INPUT` (2) for what is no root of an API: a host without `http://` among them. */
function rootUrl(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || (/^https?:\/\//.test(endpoint) && URL.canParse(endpoint))) return endpoint;
  throw new Failure({
    code: 'BAD_INPUT',
    message: 'This is no address of an API.',
    where: '--endpoint or LIGHTONOCR_ENDPOINT',
    got: endpoint,
    remedy: 'write it as http://HOST:PORT or https://HOST, or leave it out for Google itself',
    exitCode: 2,
  });
}

/** At Google that project is somebody else's. What only prints works; the first question to Google does not. */
function refusePlaceholder({ name, project }: Deployment): CallApi {
  return () =>
    Promise.reject(
      new Failure({
        code: 'PROJECT_PLACEHOLDER',
        message: 'This deployment does not name your project yet; nothing was asked or changed.',
        where: `deployments/${name}.yaml, project`,
        got: project,
        remedy: 'write your project id there and commit it; to see what you have: gcloud projects list',
        exitCode: 2,
      }),
    );
}

async function defaultCredentials(): Promise<AuthClient> {
  try {
    return await new GoogleAuth({ scopes: SCOPE }).getClient();
  } catch (error) {
    throw new Failure(
      {
        code: 'NO_CREDENTIALS',
        message: `This machine has no credentials for Google: ${messageOf(error)}`,
        where: 'application default credentials',
        remedy: 'log in: gcloud auth application-default login',
        exitCode: 2,
      },
      { cause: error },
    );
  }
}

/** An access token that is handed in, as to Terraform's provider; else application default credentials. */
function credentials(
  { accessToken }: ReleaseEnvironment,
  fetchImplementation: typeof fetch,
): () => Promise<AuthClient> {
  let client: Promise<AuthClient> | undefined;
  return () => {
    if (accessToken === undefined) return (client ??= defaultCredentials());
    const fixed = new OAuth2Client({ transporterOptions: { fetchImplementation } });
    fixed.setCredentials({ access_token: accessToken });
    return (client ??= Promise.resolve(fixed));
  };
}

/**
 * Identity tokens for the service. Federated credentials cannot mint them, so IAM Credentials does, for the account that
 * LIGHTONOCR_INVOKER names; a token of one's own (`gcloud auth print-identity-token`) is taken as it is.
 */
function identityTokens(
  environment: ReleaseEnvironment,
  client: () => Promise<AuthClient>,
  endpoint: string | undefined,
  clock: Clock,
): (audience: string) => Promise<string> {
  const suppliers = new Map<string, () => Promise<string>>();
  const mint = async (audience: string) => environment.identityToken ?? mintIdentityToken(audience, options);
  const options = {
    impersonate: environment.invoker,
    credentials: client,
    endpoint: endpoint?.replace(/\/$/, ''),
    remedy:
      'name an account that you may impersonate: export LIGHTONOCR_INVOKER=EMAIL; or, for an hour: export LIGHTONOCR_ID_TOKEN=$(gcloud auth print-identity-token)',
  };
  return (audience) => {
    const known = suppliers.get(audience) ?? cachedIdentityToken(mint, audience, clock.now);
    suppliers.set(audience, known);
    return known();
  };
}

/** A rerun of the same workflow run goes on with its own lease; so does one in the same shell, whose process is named. */
function actor({ runId, runUrl, user }: ReleaseEnvironment): Actor {
  if (runId !== undefined)
    return { holder: `run-${runId}`, by: user ?? 'workflow', ...(runUrl && { runUrl }) };
  const person = user ?? userInfo().username;
  return { holder: `${person}@${hostname()}/${process.ppid}`, by: person };
}
