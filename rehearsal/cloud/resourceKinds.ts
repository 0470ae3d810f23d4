import type { Json } from './routes';

/** One collection of the generic store: where it is, and what is not as everywhere. */
export interface ResourceKind {
  // Path of the collection, version first: `/v1/projects/*/serviceAccounts`.
  readonly collection: string;
  /** Parameter of a create's query that names the new resource. */
  readonly idInQuery?: string;
  /** Field of a create's body that names it, and the field that holds the resource itself; default: the body is it. */
  readonly idInBody?: { readonly id: string; readonly resource?: string };
  /** A create that names nothing gets this id; default: a number. */
  readonly idFrom?: (id: string, project: string) => string;
  /** Field of a list's answer; default: the collection's own name. */
  readonly listed?: string;
  /** A PATCH's body holds the resource below this field, and the mask beside it. */
  readonly patchIn?: string;
  /** Writes answer with an operation that has ended, with the resource in `response`. */
  readonly operation?: true;
  /** A delete only marks the resource, with these fields, for 30 days or seven; its id is not free, and `:undelete` brings it back. */
  readonly marks?: { readonly deleted: Json; readonly back: Json };
  /** Methods beside the usual ones, each of which sets fields. */
  readonly sets?: Readonly<Record<string, Json>>;
  /** Methods beside the usual ones that read something of the resource, which here has nothing of it. */
  readonly reads?: readonly string[];
  /** What the API adds where nothing of that name was sent. */
  readonly added?: (resource: {
    readonly name: string;
    readonly id: string;
    readonly project: string;
  }) => Json;
}

const STATE = { deleted: { state: 'DELETED' }, back: { state: 'ACTIVE' } };

/**
 * What Terraform's provider asks for, beside what the other files of this folder do faithfully. In all of them: create, get,
 * patch by mask, delete, list, getIamPolicy and setIamPolicy. Nothing is checked that only Google could know.
 */
export const RESOURCE_KINDS: readonly ResourceKind[] = [
  {
    collection: '/v1/projects/*/locations/*/repositories',
    idInQuery: 'repository_id',
    operation: true,
    added: () => ({ mode: 'STANDARD_REPOSITORY' }),
  },
  {
    collection: '/v1/projects/*/serviceAccounts',
    idInBody: { id: 'accountId', resource: 'serviceAccount' },
    idFrom: (id, project) => `${id}@${project}.iam.gserviceaccount.com`,
    patchIn: 'serviceAccount',
    sets: { disable: { disabled: true }, enable: { disabled: false } },
    added: ({ id, project }) => ({ email: id, projectId: project, uniqueId: numberOf(id) }),
  },
  { collection: '/v1/projects/*/secrets', idInQuery: 'secretId' },
  {
    collection: '/v1/projects/*/roles',
    idInBody: { id: 'roleId', resource: 'role' },
    marks: { deleted: { deleted: true }, back: { deleted: false } },
  },
  {
    collection: '/v1/projects/*/locations/*/workloadIdentityPools',
    idInQuery: 'workloadIdentityPoolId',
    operation: true,
    marks: STATE,
    // Providers 7 and 8 take a 404 here for a pool that is gone.
    reads: ['listAttestationRules'],
    added: () => ({ state: 'ACTIVE' }),
  },
  {
    collection: '/v1/projects/*/locations/*/workloadIdentityPools/*/providers',
    idInQuery: 'workloadIdentityPoolProviderId',
    listed: 'workloadIdentityPoolProviders',
    operation: true,
    marks: STATE,
    added: () => ({ state: 'ACTIVE' }),
  },
  { collection: '/v3/projects/*/alertPolicies' },
  { collection: '/v3/projects/*/notificationChannels' },
  { collection: '/v1/projects/*/dashboards' },
];

/** A number that a name always has, as `uniqueId` is. */
function numberOf(text: string): string {
  let hash = 0n;
  for (const character of text) hash = (hash * 31n + BigInt(character.codePointAt(0) ?? 0)) % 10n ** 20n;
  return `1${hash.toString().padStart(20, '0')}`;
}
