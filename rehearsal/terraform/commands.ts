import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../../domain/failure';
import { applyPlan } from './apply';
import { cloudRunApi } from './cloudRunApi';
import { cloudRunService } from './cloudRunService';
import { type Configuration, parseConfiguration, readConfiguration } from './configuration';
import type { CommandLine } from './flags';
import { GOOGLE_PROVIDER_VERSION } from './init';
import {
  changesOf,
  countActions,
  isEmptyPlan,
  type Plan,
  refreshed,
  type ResourceOf,
  withImports,
} from './plan';
import { recordedResource } from './resources';
import { outputsAsJson, planAsJson } from './show';
import { serviceGrant } from './serviceGrant';
import { addressOf, readState, type State, TERRAFORM_VERSION, writeState } from './state';
import type { Surroundings } from './surroundings';
import { notInStandIn, TerraformError } from './terraformError';

export { init } from './init';

const PLAN_FORMAT = 'lightonocr stand-in plan 1';

export function version({ flags }: CommandLine, { print }: Surroundings): number {
  const json = { terraform_version: TERRAFORM_VERSION, provider_selections: {}, stand_in: true };
  const text = `Terraform v${TERRAFORM_VERSION} (stand-in of the rehearsal; google provider ${GOOGLE_PROVIDER_VERSION} as measured)`;
  print(`${flags.json === 'true' ? JSON.stringify(json, null, 2) : text}\n`);
  return 0;
}

/** Exit code 2 with `-detailed-exitcode` when there is something to do. */
export async function plan({ flags }: CommandLine, around: Surroundings): Promise<number> {
  const { directory, print } = around;
  const json = readConfiguration(directory);
  const configuration = parseConfiguration(json);
  if (!existsSync(join(directory, '.terraform'))) {
    throw new TerraformError('Backend initialization required, please run "terraform init"');
  }
  const resourceOf = resourcesOf(configuration, around);
  const state = readState(resolve(directory, configuration.statePath));
  const found = flags.refresh === 'false' ? state : await refreshed(state, resourceOf);
  const prior = await withImports(configuration, found, resourceOf);
  const { changes, outputs } = changesOf(configuration, prior, resourceOf);
  const imports = new Map(configuration.imports.map(({ to, id }) => [to, { id }]));
  for (const resource of found.resources) imports.delete(addressOf(resource));
  const made: Plan = {
    ...{ format: PLAN_FORMAT, timestamp: new Date().toISOString(), configuration: json, prior, outputs },
    changes: changes.map((change) => {
      const importing = imports.get(change.address);
      return importing ? { ...change, importing } : change;
    }),
  };
  // Readable by its owner alone: a plan holds every value of the configuration in plain text.
  if (flags.out !== undefined)
    writeFileSync(resolve(directory, flags.out), JSON.stringify(made), { mode: 0o600 });
  print(describe(made));
  return flags['detailed-exitcode'] === 'true' && !isEmptyPlan(made) ? 2 : 0;
}

function describe(made: Plan): string {
  if (isEmptyPlan(made)) return '\nNo changes. Your infrastructure matches the configuration.\n';
  const lines = made.changes
    .filter(({ actions }) => actions[0] !== 'no-op')
    .map(({ address, actions }) => `  # ${address}: ${actions.join(', then ')}\n`);
  if (lines.length === 0) return '\nChanges to Outputs: nothing else.\n';
  const { add, change, destroy } = countActions(made.changes);
  return `\n${lines.join('')}\nPlan: ${add} to add, ${change} to change, ${destroy} to destroy.\n`;
}

export function show({ flags, operands }: CommandLine, { directory, print }: Surroundings): number {
  if (flags.json !== 'true') throw notInStandIn('terraform show without -json');
  const made = readPlan(directory, operands[0]!, 'Failed to read the given file as a state or plan file');
  print(`${JSON.stringify(planAsJson(made))}\n`);
  return 0;
}

function readPlan(directory: string, file: string, failure: string): Plan {
  try {
    const made = JSON.parse(readFileSync(resolve(directory, file), 'utf8')) as Plan;
    if (made.format !== PLAN_FORMAT) throw new Error('not a plan of the stand-in');
    return made;
  } catch (error) {
    throw new TerraformError(failure, `${file}: ${messageOf(error)}`);
  }
}

/** Refuses a plan when the state has changed since; that the cloud has, it does not see. */
export async function apply({ operands }: CommandLine, around: Surroundings): Promise<number> {
  const { directory, print } = around;
  const saved = readPlan(directory, operands[0]!, `Failed to load "${operands[0]}" as a plan file`);
  const configuration = parseConfiguration(saved.configuration);
  const path = resolve(directory, configuration.statePath);
  const current = readState(path);
  if (current.serial !== saved.prior.serial || current.lineage !== saved.prior.lineage) {
    throw new TerraformError(
      'Saved plan is stale',
      'The given plan file can no longer be applied because the state was changed by\nanother operation after the plan was created.',
    );
  }
  const { state, failed } = await applyPlan(saved, resourcesOf(configuration, around), print);
  writeState(path, current, state);
  if (failed !== undefined) throw failed;
  const { add, change, destroy } = countActions(saved.changes);
  print(`\nApply complete! Resources: ${add} added, ${change} changed, ${destroy} destroyed.\n`);
  return 0;
}

export function untaint({ operands }: CommandLine, { directory, print }: Surroundings): number {
  const address = operands[0]!;
  const { path, state } = stateOf(directory);
  const resource = state.resources.find((candidate) => addressOf(candidate) === address);
  if (resource === undefined)
    throw new TerraformError('No such resource instance', `${address} is not in the state.`);
  const { status, ...instance } = resource.instances[0];
  if (status === undefined)
    throw new TerraformError('Resource instance is not tainted', `${address} is fine.`);
  const resources = state.resources.map((other) =>
    other === resource ? { ...resource, instances: [instance] as const } : other,
  );
  writeState(path, state, { outputs: state.outputs, resources });
  print(`Resource instance ${address} has been successfully untainted.\n`);
  return 0;
}

export function output({ flags }: CommandLine, { directory, print }: Surroundings): number {
  if (flags.json !== 'true') throw notInStandIn('terraform output without -json');
  print(`${JSON.stringify(outputsAsJson(stateOf(directory).state), null, 2)}\n`);
  return 0;
}

export function stateList(_line: CommandLine, { directory, print }: Surroundings): number {
  for (const resource of stateOf(directory).state.resources) print(`${addressOf(resource)}\n`);
  return 0;
}

function stateOf(directory: string): { readonly path: string; readonly state: State } {
  const path = resolve(directory, parseConfiguration(readConfiguration(directory)).statePath);
  return { path, state: readState(path) };
}

/** @throws TerraformError without a token, as the provider; and without an endpoint: never the real Google by default. */
function resourcesOf({ google }: Configuration, { environment, ...around }: Surroundings): ResourceOf {
  return (type, address) => {
    if (!type.startsWith('google_cloud_run_v2_service')) return recordedResource(address);
    const token = google.access_token ?? environment.GOOGLE_OAUTH_ACCESS_TOKEN;
    const endpoint = google.cloud_run_v2_custom_endpoint ?? environment.GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT;
    if (typeof token !== 'string' || token === '') {
      throw new TerraformError(
        'Attempted to load application default credentials since neither `credentials` nor `access_token` was set in the provider block.  No credentials loaded.',
        'Set GOOGLE_OAUTH_ACCESS_TOKEN.',
      );
    }
    if (typeof endpoint !== 'string')
      throw notInStandIn('Cloud Run without GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT');
    const api = cloudRunApi(endpoint, token, around);
    const project = google.project as string | undefined;
    return type === 'google_cloud_run_v2_service'
      ? cloudRunService(api, project, address)
      : serviceGrant(api, project, address);
  };
}
