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
  create(planned: Attributes): Promise<Outcome>;
  update(planned: Attributes): Promise<Outcome>;
  remove(state: Attributes): Promise<Outcome>;
}

/** A resource that is only written down: it is what its configuration says, and nothing happens in any cloud. */
export function recordedResource(address: string): Resource {
  return {
    plan: (written, prior) => ({ ...written, id: prior?.id ?? UNKNOWN }),
    replacedBy: [],
    refresh: async (state) => state,
    create: async (planned) => ({ attributes: { ...planned, id: `recorded/${address}` } }),
    update: async (planned) => ({ attributes: planned }),
    remove: async () => ({}),
  };
}
