import { type Configuration, parseConfiguration, providerOf } from './configuration';
import { type Change, isEmptyPlan, type Plan } from './plan';
import { addressOf, type State, TERRAFORM_VERSION } from './state';
import { hasUnknown, isEmpty, type Json, knownOnly, markers } from './values';

/** `terraform show -json PLAN`, format 1.2, without `planned_values` and `configuration`; nothing is marked sensitive. */
export function planAsJson(plan: Plan): Json {
  const { providers } = parseConfiguration(plan.configuration);
  const byAddress = [...plan.changes].sort((a, b) => (a.address < b.address ? -1 : 1));
  return {
    format_version: '1.2',
    terraform_version: TERRAFORM_VERSION,
    resource_changes: byAddress.map((change) => resourceChange(change, providers)),
    output_changes: Object.fromEntries(
      Object.entries(plan.outputs).map(([name, { actions, before, after }]) => {
        const known = hasUnknown(after) ? { after_unknown: true } : { after, after_unknown: false };
        return [name, { actions, before, ...known, before_sensitive: false, after_sensitive: false }];
      }),
    ),
    prior_state: stateAsJson(plan.prior, providers),
    timestamp: plan.timestamp,
    applyable: !isEmptyPlan(plan),
    complete: true,
    errored: false,
  };
}

function resourceChange(change: Change, providers: Configuration['providers']): Json {
  const { address, type, name, actions, before, after, reason, replacePaths, importing } = change;
  return {
    ...{ address, mode: 'managed', type, name, provider_name: providerOf(type, providers) },
    change: {
      ...{ actions, before, after: knownOnly(after) },
      after_unknown: hasUnknown(after) ? markers(after) : {},
      before_sensitive: before === null ? false : {},
      after_sensitive: after === null ? false : {},
      replace_paths: replacePaths,
      importing,
    },
    action_reason: reason,
  };
}

function stateAsJson(state: State, providers: Configuration['providers']): Json | undefined {
  if (state.resources.length === 0 && isEmpty(state.outputs)) return undefined;
  const resources = state.resources.map((resource) => {
    const { mode, type, name, instances } = resource;
    const [{ attributes, status, schema_version }] = instances;
    return {
      ...{ address: addressOf(resource), mode, type, name, provider_name: providerOf(type, providers) },
      ...{
        schema_version,
        values: attributes,
        sensitive_values: {},
        tainted: status === 'tainted' || undefined,
      },
    };
  });
  const outputs = isEmpty(state.outputs) ? undefined : outputsAsJson(state);
  const values = { outputs, root_module: resources.length === 0 ? {} : { resources } };
  return { format_version: '1.0', terraform_version: TERRAFORM_VERSION, values };
}

/** `terraform output -json`. */
export function outputsAsJson(state: State): Json {
  return Object.fromEntries(
    Object.entries(state.outputs).map(([name, output]) => [name, { sensitive: false, ...output }]),
  );
}
