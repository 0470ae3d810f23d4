import { canonicalJson } from '../../domain/canonical';
import { type Configuration, type Declared, providerOf } from './configuration';
import { type Known, resolve } from './references';
import type { Resource } from './resources';
import { addressOf, type State, type StateResource } from './state';
import { notInStandIn, TerraformError } from './terraformError';
import { type Attributes, hasUnknown, type Json } from './values';

export type Action = 'no-op' | 'create' | 'update' | 'delete';

export interface Change {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  /** A replacement is `['delete', 'create']`. */
  readonly actions: readonly Action[];
  readonly reason?:
    'replace_because_tainted' | 'replace_because_cannot_update' | 'delete_because_no_resource_config';
  readonly replacePaths?: readonly (readonly string[])[];
  readonly before: Attributes | null;
  readonly after: Attributes | null;
  /** Of an import: the state learns of it. */
  readonly importing?: { readonly id: string };
}

export interface OutputChange {
  readonly actions: readonly Action[];
  readonly before: unknown;
  readonly after: unknown;
}

/** What a plan file holds. */
export interface Plan {
  readonly format: string;
  /** RFC 3339. */
  readonly timestamp: string;
  /** `cdk.tf.json` as it was. */
  readonly configuration: Json;
  /** The state, refreshed; its serial and lineage are those of the state that the plan was made from. */
  readonly prior: State;
  readonly changes: readonly Change[];
  readonly outputs: Readonly<Record<string, OutputChange>>;
}

export type ResourceOf = (type: string, address: string) => Resource;

/** The state with what is in the cloud now; what is gone is left out. */
export async function refreshed(state: State, resourceOf: ResourceOf): Promise<State> {
  const resources = [];
  for (const resource of state.resources) {
    const [instance] = resource.instances;
    const attributes = await resourceOf(resource.type, addressOf(resource)).refresh(instance.attributes);
    if (attributes !== undefined)
      resources.push({ ...resource, instances: [{ ...instance, attributes }] as const });
  }
  return { ...state, resources };
}

/** The state with what the configuration imports and the state does not know yet. */
export async function withImports(
  { imports, resources, providers }: Configuration,
  state: State,
  resourceOf: ResourceOf,
): Promise<State> {
  const imported: StateResource[] = [];
  for (const { to, id } of imports) {
    const declared = resources.find(({ address }) => address === to);
    if (declared === undefined)
      throw new TerraformError('Configuration for import target does not exist', `${to} is not declared.`);
    if (state.resources.some((resource) => addressOf(resource) === to)) continue;
    const { type, name } = declared;
    const resource = resourceOf(type, to);
    if (resource.read === undefined) throw notInStandIn(`An import of a ${type}`);
    const attributes = await resource.read(id);
    if (attributes === undefined)
      throw new TerraformError('Cannot import non-existent remote object', `${to}: there is no ${id}.`);
    const provider = `provider["${providerOf(type, providers)}"]`;
    imported.push({ mode: 'managed', type, name, provider, instances: [{ schema_version: 0, attributes }] });
  }
  return { ...state, resources: [...state.resources, ...imported] };
}

/** Attributes by address. */
export function knownIn(state: Pick<State, 'resources'>): Map<string, Attributes> {
  return new Map(state.resources.map((resource) => [addressOf(resource), resource.instances[0].attributes]));
}

/** What has to be done to get from the prior state to the configuration. */
export function changesOf(
  configuration: Configuration,
  prior: State,
  resourceOf: ResourceOf,
): Pick<Plan, 'changes' | 'outputs'> {
  const before = knownIn(prior);
  const tainted = new Set(
    prior.resources.filter(({ instances }) => instances[0].status === 'tainted').map(addressOf),
  );
  const after = new Map<string, Attributes>();
  const changes = configuration.resources.map((declared) => {
    const { address } = declared;
    const change = changeOf(
      declared,
      resourceOf(declared.type, address),
      before.get(address),
      tainted.has(address),
      after,
    );
    after.set(address, change.after!);
    return change;
  });
  const orphans = prior.resources.filter((resource) => !after.has(addressOf(resource))).reverse();
  const deletions = orphans.map(({ type, name, instances }): Change => {
    const reason = 'delete_because_no_resource_config';
    return {
      address: `${type}.${name}`,
      type,
      name,
      actions: ['delete'],
      reason,
      before: instances[0].attributes,
      after: null,
    };
  });
  return { changes: [...changes, ...deletions], outputs: outputChanges(configuration, prior, after) };
}

function changeOf(
  declared: Declared,
  resource: Resource,
  before: Attributes | undefined,
  tainted: boolean,
  known: Known,
): Change {
  const { address, type, name } = declared;
  const plan = (prior: Attributes | undefined): Attributes =>
    plannedAttributes(declared, resource, prior, known);
  if (before === undefined)
    return { address, type, name, actions: ['create'], before: null, after: plan(undefined) };
  const inPlace = plan(before);
  const forcing = resource.replacedBy.filter(
    (key) => canonicalJson(inPlace[key]) !== canonicalJson(before[key]),
  );
  if (tainted || forcing.length > 0) {
    if (declared.preventDestroy) {
      throw new TerraformError(
        'Instance cannot be destroyed',
        `Resource ${address} has lifecycle.prevent_destroy set.`,
      );
    }
    const why = tainted
      ? ({ reason: 'replace_because_tainted' } as const)
      : ({ reason: 'replace_because_cannot_update', replacePaths: forcing.map((key) => [key]) } as const);
    return { address, type, name, actions: ['delete', 'create'], ...why, before, after: plan(undefined) };
  }
  const actions: Action[] = [canonicalJson(inPlace) === canonicalJson(before) ? 'no-op' : 'update'];
  return { address, type, name, actions, before, after: inPlace };
}

/**
 * What the resource will be. An ignored attribute keeps what the prior state has: so a saved plan holds the traffic of the
 * moment it was made, and writes that back.
 */
export function plannedAttributes(
  declared: Declared,
  resource: Resource,
  prior: Attributes | undefined,
  known: Known,
): Attributes {
  const written = resolve(declared.values, known) as Json;
  const ignored = prior === undefined ? [] : declared.ignoreChanges.map((key) => [key, prior[key]] as const);
  return resource.plan({ ...written, ...Object.fromEntries(ignored) }, prior);
}

function outputChanges(configuration: Configuration, prior: State, known: Known): Plan['outputs'] {
  const names = new Set([...Object.keys(configuration.outputs), ...Object.keys(prior.outputs)]);
  return Object.fromEntries(
    [...names].map((name): [string, OutputChange] => {
      const before = prior.outputs[name]?.value ?? null;
      const declared = configuration.outputs[name];
      if (declared === undefined) return [name, { actions: ['delete'], before, after: null }];
      const after = resolve(declared.value, known);
      if (prior.outputs[name] === undefined) return [name, { actions: ['create'], before, after }];
      const same = !hasUnknown(after) && canonicalJson(after) === canonicalJson(before);
      return [name, { actions: [same ? 'no-op' : 'update'], before, after }];
    }),
  );
}

/** Whether an apply would do anything. */
export function isEmptyPlan(plan: Plan): boolean {
  const acts = [...plan.changes, ...Object.values(plan.outputs)].some(
    ({ actions }) => actions[0] !== 'no-op',
  );
  return !acts && plan.changes.every(({ importing }) => importing === undefined);
}

/** `1 to add, 0 to change, 0 to destroy`; a replacement is one of the first and one of the last. */
export function countActions(changes: readonly Change[]): {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
} {
  const count = (action: Action): number => changes.filter(({ actions }) => actions.includes(action)).length;
  return { add: count('create'), change: count('update'), destroy: count('delete') };
}
