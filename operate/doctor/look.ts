import type { BootstrapStepId } from '../../domain/foundation/bootstrap';
import type { Scope } from '../../domain/identity/identities';
import { identities } from '../../domain/identity/identities';
import type { Policy } from '../../domain/identity/grantCheck';
import { accountEmail, bucketName, REPOSITORY, servicePath } from '../../domain/names';
import { scopeName } from '../../domain/identity/identities';
import type { Ledger } from '../../domain/releases/ledger';
import { setUp, type Situation, situationOf } from '../../domain/releases/projectState';
import { valueOf } from '../../domain/releases/next/snapshot';
import { snapshotOf } from '../../release/driver/observe';
import type { ReleaseContext } from '../../release/ports/context';
import { type Api, type ApiRequest, isApiOff, isStatus } from '../../release/adapters/google/googleApi';
import { poolPath } from '../federationPool';
import { type LiveService, liveService } from '../liveService';

/** Reads that several checks share; each is made once, and each of its users gets its error. */
export interface Look {
  service(): Promise<LiveService | undefined>;
  ledger(): Promise<Ledger | undefined>;
  /** Never throws: what cannot be read counts as released, so that what is missing is not taken for not made yet. */
  situation(): Promise<Situation>;
  /** The IAM policy of a place. */
  policy(on: Scope): Promise<Policy>;
  /** Full name of the federation's pool, with the project's number, as members of policies name it; undefined where there is none. */
  pool(): Promise<string | undefined>;
  /** The command that makes what a step makes. */
  mend(step: BootstrapStepId): Promise<string>;
  /** State of something that is missing: `not yet` before the first release, `wrong` after it. */
  missing(): Promise<'not yet' | 'wrong'>;
}

export function look(context: ReleaseContext): Look {
  const { deployment } = context;
  const snapshot = once(() => snapshotOf(context));
  const service = once(async () => liveService(context, await snapshot()));
  const ledger = once(async () => valueOf((await snapshot()).ledger));
  const situation = once(async () => {
    const has = async (read: () => Promise<unknown>) => {
      try {
        return (await read()) !== undefined;
      } catch (error) {
        // Nothing runs and nothing is kept where the API for it was never on.
        return !isApiOff(error);
      }
    };
    const [hasService, hasLedger] = await Promise.all([has(service), has(ledger)]);
    return situationOf({ service: hasService, ledger: hasLedger });
  });
  const policies = new Map<string, Promise<Policy>>();
  return {
    service,
    ledger,
    situation,
    policy(on) {
      const name = scopeName(on);
      const known = policies.get(name) ?? readPolicy(context, on);
      policies.set(name, known);
      return known;
    },
    pool: once(
      async () => (await found<{ name: string }>(context, 'iam', poolPath(deployment.project)))?.name,
    ),
    mend: async (step) => setUp(await situation(), deployment, step),
    missing: async () => ((await situation()) === 'released' ? 'wrong' : 'not yet'),
  };
}

const once = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= read());
};

/** Where a place's IAM methods are: the API, and the resource's path there. */
export function placePath({ deployment }: ReleaseContext, on: Scope): { api: Api; path: string } {
  const { project, region } = deployment;
  if (on === 'project') return { api: 'cloudresourcemanager', path: `/v1/projects/${project}` };
  if (on === 'service') return { api: 'run', path: `/v2/${servicePath(deployment)}` };
  if (on === 'images') {
    const path = `/v1/projects/${project}/locations/${region}/repositories/${REPOSITORY}`;
    return { api: 'artifactregistry', path };
  }
  if ('secret' in on) return { api: 'secretmanager', path: `/v1/projects/${project}/secrets/${on.secret}` };
  if ('bucket' in on) return { api: 'storage', path: `/storage/v1/b/${bucketName(deployment, on.bucket)}` };
  const { accountId } = identities(deployment).find(({ name }) => name === on.account)!;
  return { api: 'iam', path: `/v1/projects/${project}/serviceAccounts/${accountEmail(project, accountId)}` };
}

/** Version 3 is the one with conditions (https://cloud.google.com/iam/docs/policies#specifying-version-get). */
const VERSION = 3;

async function readPolicy(context: ReleaseContext, on: Scope): Promise<Policy> {
  const { api, path } = placePath(context, on);
  const request: Readonly<Record<string, ApiRequest>> = {
    storage: { path: `${path}/iam`, query: { optionsRequestedPolicyVersion: VERSION } },
    cloudresourcemanager: {
      method: 'POST',
      path: `${path}:getIamPolicy`,
      body: { options: { requestedPolicyVersion: VERSION } },
    },
    iam: {
      method: 'POST',
      path: `${path}:getIamPolicy`,
      query: { 'options.requestedPolicyVersion': VERSION },
    },
  };
  const byQuery = { path: `${path}:getIamPolicy`, query: { 'options.requestedPolicyVersion': VERSION } };
  return (await context.call<Policy>(api, request[api] ?? byQuery)).data;
}

/** What a path answers; undefined where nothing is there. */
export async function found<T>({ call }: ReleaseContext, api: Api, path: string): Promise<T | undefined> {
  try {
    return (await call<T>(api, { path })).data;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}
