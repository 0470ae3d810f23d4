import { parseConfiguration, providerOf } from './configuration';
import { messageOf } from '../../domain/failure';
import { knownIn, type Plan, plannedAttributes, type ResourceOf } from './plan';
import { resolve } from './references';
import type { Outcome } from './resources';
import { addressOf, type State, type StateResource } from './state';
import { TerraformError } from './terraformError';
import { type Attributes, knownOnly } from './values';

export interface Applied {
  /** What the state has to hold now, after a failure too. */
  readonly state: Pick<State, 'outputs' | 'resources'>;
  /** Why the first change failed that did; those behind it were not begun. */
  readonly failed?: TerraformError;
}

const DOING = { create: 'Creating', update: 'Modifying', delete: 'Destroying' };

/** Carries out a plan from the state that it holds. The cloud is not read again first: drift since the plan is overwritten. */
export async function applyPlan(
  plan: Plan,
  resourceOf: ResourceOf,
  print: (line: string) => void,
): Promise<Applied> {
  const configuration = parseConfiguration(plan.configuration);
  const stored = new Map(plan.prior.resources.map((resource) => [addressOf(resource), resource]));
  const known = (): Map<string, Attributes> => knownIn({ resources: [...stored.values()] });
  for (const { address, type, name, before, actions } of plan.changes) {
    const resource = resourceOf(type, address);
    const planned = (prior: Attributes | undefined): Attributes => {
      const declared = configuration.resources.find((candidate) => candidate.address === address);
      return plannedAttributes(declared!, resource, prior, known());
    };
    for (const action of actions) {
      if (action === 'no-op') continue;
      print(`${address}: ${DOING[action]}...\n`);
      let outcome: Outcome;
      if (action === 'create') outcome = await resource.create(planned(undefined));
      else if (action === 'update') outcome = await resource.update(planned(before!));
      else outcome = await resource.remove(before!);
      const { attributes, failure } = outcome;
      if (attributes === undefined) stored.delete(address);
      else {
        const tainted =
          failure !== undefined && (action === 'create' || stored.get(address)?.instances[0].status);
        const provider = `provider["${providerOf(type, configuration.providers)}"]`;
        const instances: StateResource['instances'] = [
          {
            schema_version: 0,
            ...(tainted ? { status: 'tainted' } : {}),
            attributes: knownOnly(attributes) as Attributes,
          },
        ];
        stored.set(address, { mode: 'managed', type, name, provider, instances });
      }
      if (failure !== undefined) {
        const summary = failure instanceof TerraformError ? failure.summary : messageOf(failure);
        const failed = new TerraformError(summary, `  with ${address},`);
        return { state: { outputs: plan.prior.outputs, resources: [...stored.values()] }, failed };
      }
    }
  }
  const outputs = Object.entries(configuration.outputs).map(([name, { value, sensitive }]) => {
    const resolved = resolve(value, known());
    return [name, { value: resolved, type: typeof resolved, ...(sensitive ? { sensitive } : {}) }] as const;
  });
  return { state: { outputs: Object.fromEntries(outputs), resources: [...stored.values()] } };
}
