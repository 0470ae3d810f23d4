import { GoogleError } from './googleError';
import { type Call, jsonBody, type Json } from './routes';

/** What the one caller of the local cloud may do: everything, until something is withheld or an API is switched off. */
export interface Access {
  /** Takes permissions away from the caller, in every place. */
  withhold(...permissions: readonly string[]): void;
  /** Gives them back; without names, all. */
  restore(...permissions: readonly string[]): void;
  /** A project's API by its full name: switched off by Service Usage, and not since switched on. */
  readonly off: Set<string>;
  /** Those of the asked that the caller has: every `testIamPermissions`. */
  granted(asked: readonly string[]): string[];
  /** Throws 403 as Google does, where the API is off or the permission is withheld. */
  check(call: Call): void;
}

/** API, permission without its verb, and whether the path ends at one resource. */
interface Target {
  readonly api: string;
  readonly noun: string;
  readonly one: boolean;
  readonly verb?: string;
}

/** Collections by their name in paths; Cloud Run's `services` are those below a location. */
const NOUNS: Readonly<Record<string, readonly [api: string, noun: string]>> = {
  revisions: ['run', 'run.revisions'],
  jobs: ['run', 'run.jobs'],
  executions: ['run', 'run.executions'],
  tasks: ['run', 'run.tasks'],
  repositories: ['artifactregistry', 'artifactregistry.repositories'],
  tags: ['artifactregistry', 'artifactregistry.tags'],
  versions: ['artifactregistry', 'artifactregistry.versions'],
  serviceAccounts: ['iam', 'iam.serviceAccounts'],
  roles: ['iam', 'iam.roles'],
  workloadIdentityPools: ['iam', 'iam.workloadIdentityPools'],
  providers: ['iam', 'iam.workloadIdentityPoolProviders'],
  alertPolicies: ['monitoring', 'monitoring.alertPolicies'],
  notificationChannels: ['monitoring', 'monitoring.notificationChannels'],
  dashboards: ['monitoring', 'monitoring.dashboards'],
  timeSeries: ['monitoring', 'monitoring.timeSeries'],
  builds: ['cloudbuild', 'cloudbuild.builds'],
  occurrences: ['containeranalysis', 'containeranalysis.occurrences'],
  entries: ['logging', 'logging.logEntries'],
  quotaInfos: ['cloudquotas', 'cloudquotas.quotas'],
  quotaPreferences: ['cloudquotas', 'cloudquotas.quotas'],
  secrets: ['secretmanager', 'secretmanager.secrets'],
  projects: ['cloudresourcemanager', 'resourcemanager.projects'],
};
const VERBS: Readonly<Record<string, readonly [one: string, all: string]>> = {
  GET: ['get', 'list'],
  POST: ['', 'create'],
  PATCH: ['update', ''],
  PUT: ['setIamPolicy', ''],
  DELETE: ['delete', ''],
};

export function access(): Access {
  const withheld = new Set<string>();
  const off = new Set<string>();
  return {
    off,
    withhold: (...permissions) => permissions.forEach((permission) => withheld.add(permission)),
    restore: (...permissions) =>
      (permissions.length > 0 ? permissions : [...withheld]).forEach((each) => withheld.delete(each)),
    granted: (asked) => asked.filter((permission) => !withheld.has(permission)),
    check(call) {
      const target = targetOf(call);
      if (target === undefined) return;
      const service = `${target.api}.googleapis.com`;
      if (off.has(service)) throw switchedOff(service);
      const permission = permissionOf(target, call.method);
      if (permission !== undefined && withheld.has(permission)) throw denied(service, permission, call.path);
    },
  };
}

/** What a path is about; undefined for what only the data plane or an operation has. */
function targetOf({ path }: Call): Target | undefined {
  const storage = /^\/(?:upload\/)?storage\/v1\/b(?:\/[^/]+(?:\/(o|iam)(\/.+)?)?)?$/.exec(path);
  if (storage) {
    const [, inside, rest] = storage;
    if (inside === 'o') return { api: 'storage', noun: 'storage.objects', one: rest !== undefined };
    const policy = inside === 'iam' ? (rest === undefined ? 'getIamPolicy' : 'testIamPermissions') : '';
    return {
      api: 'storage',
      noun: 'storage.buckets',
      one: !path.endsWith('/b'),
      ...(policy && { verb: policy }),
    };
  }
  // A verb is of letters alone; a digest, `versions/sha256:…`, is not.
  const [, version, resource = '', verb] = /^\/(v\d)\/(.+?)(?::([a-zA-Z]+))?$/.exec(path) ?? [];
  const parts = resource.split('/');
  const one = parts.length % 2 === 0;
  const collection = parts.at(one ? -2 : -1) ?? '';
  const services =
    collection === 'services'
      ? version === 'v2'
        ? (['run', 'run.services'] as const)
        : (['serviceusage', 'serviceusage.services'] as const)
      : undefined;
  const [api, noun] = services ?? NOUNS[collection] ?? [];
  return api === undefined || noun === undefined ? undefined : { api, noun, one, ...(verb && { verb }) };
}

/** https://cloud.google.com/iam/docs/permissions-reference; asking which permissions one has takes none. */
function permissionOf({ noun, one, verb }: Target, method: string): string | undefined {
  if (verb === 'testIamPermissions') return undefined;
  if (verb !== undefined) {
    if (method === 'PUT') return `${noun}.setIamPolicy`;
    const isPolicy = verb === 'getIamPolicy' || verb === 'setIamPolicy';
    const isOfJobs = noun.startsWith('run.') && (verb === 'run' || verb === 'cancel');
    return isPolicy || isOfJobs || verb === 'list' || verb === 'enable' || verb === 'disable'
      ? `${noun}.${verb}`
      : undefined;
  }
  if (noun === 'cloudquotas.quotas') return `${noun}.${method === 'GET' ? 'get' : 'update'}`;
  const name = VERBS[method]?.[one ? 0 : 1];
  return name ? `${noun}.${name}` : undefined;
}

const errorInfo = (reason: string, domain: string, metadata: Json): Json => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain,
  metadata,
});

/** https://cloud.google.com/apis/docs/troubleshooting: `SERVICE_DISABLED` of google.api.ErrorReason. */
function switchedOff(service: string): GoogleError {
  const url = `https://console.developers.google.com/apis/api/${service}/overview?project=1`;
  return new GoogleError(
    'PERMISSION_DENIED',
    `${service} has not been used in project 1 before or it is disabled. Enable it by visiting ${url} then retry. If you ` +
      'enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.',
    [errorInfo('SERVICE_DISABLED', 'googleapis.com', { service, consumer: 'projects/1' })],
  );
}

/** `IAM_PERMISSION_DENIED`; Cloud Storage says the same in a sentence of its own, without the details [?]. */
export function denied(service: string, permission: string, path: string): GoogleError {
  if (service === 'storage.googleapis.com') {
    return new GoogleError(
      'PERMISSION_DENIED',
      `caller does not have ${permission} access to the Google Cloud Storage bucket. Permission '${permission}' denied on resource (or it may not exist).`,
    );
  }
  const resource = path.replace(/^\/v\d\//, '').replace(/:\w+$/, '');
  return new GoogleError(
    'PERMISSION_DENIED',
    `Permission '${permission}' denied on resource '//${service}/${resource}' (or it may not exist).`,
    [errorInfo('IAM_PERMISSION_DENIED', service, { resource, permission })],
  );
}

/** Body of a `testIamPermissions` to its answer. */
export const testedPermissions = (access: Access, call: Call): Json => {
  const permissions = access.granted((jsonBody(call).permissions ?? []) as string[]);
  // proto3 leaves an empty list out.
  return permissions.length > 0 ? { permissions } : {};
};
