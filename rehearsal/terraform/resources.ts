import { type Attributes, type Json, UNKNOWN } from './values';

/** What became of a resource: attributes for the state (none: it is gone), and the failure on the way. */
export interface Outcome {
  readonly attributes?: Attributes;
  readonly failure?: unknown;
}

/** What the stand-in knows to do with one type of resource. */
export interface Resource {
  /** What the resource will be; unknown values marked. */
  plan(written: Json, prior: Attributes | undefined): Attributes;
  /** Attributes whose change means a new resource. */
  readonly replacedBy: readonly string[];
  /** What is there now; undefined when it is gone. */
  refresh(state: Attributes): Promise<Attributes | undefined>;
  /** What is there under this id, for a state that does not know it yet; absent where the stand-in cannot look. */
  read?(id: string): Promise<Attributes | undefined>;
  create(planned: Attributes): Promise<Outcome>;
  update(planned: Attributes): Promise<Outcome>;
  remove(state: Attributes): Promise<Outcome>;
}

/** What the cloud gives these types and other resources refer to, besides the `id` that it gives all. */
const GIVEN: Readonly<Record<string, readonly string[]>> = {
  google_iam_workload_identity_pool: ['name'],
  google_iam_workload_identity_pool_provider: ['name'],
  google_monitoring_notification_channel: ['name'],
  google_project_iam_custom_role: ['name'],
  google_service_account: ['email', 'member', 'name'],
};

/** A resource that is only written down: it is what its configuration says, and nothing happens in any cloud. */
export function recordedResource(address: string): Resource {
  const given = ['id', ...(GIVEN[address.split('.')[0]!] ?? [])];
  const attributes = (value: (key: string) => unknown) =>
    Object.fromEntries(given.map((key) => [key, value(key)]));
  return {
    plan: (written, prior) => ({ ...written, ...attributes((key) => prior?.[key] ?? UNKNOWN) }),
    replacedBy: [],
    refresh: async (state) => state,
    create: async (planned) => ({ attributes: { ...planned, ...attributes(() => `recorded/${address}`) } }),
    update: async (planned) => ({ attributes: planned }),
    remove: async () => ({}),
  };
}
