import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../domain/failure';
import { SERVICE_TYPE } from '../../domain/plan/plan';
import { referencesIn } from './references';
import { notInStandIn, TerraformError } from './terraformError';
import { isObject, type Json } from './values';

/** One `resource` of the configuration, without what is meant for Terraform itself. */
export interface Declared {
  /** `google_cloud_run_v2_service.service`. */
  readonly address: string;
  readonly type: string;
  readonly name: string;
  /** As written, references not resolved. */
  readonly values: Json;
  readonly ignoreChanges: readonly string[];
  readonly preventDestroy: boolean;
}

export interface Configuration {
  /** Path of the `local` backend's state, as written; relative to the directory. */
  readonly statePath: string;
  readonly providers: Readonly<Record<string, { readonly source: string; readonly version: string }>>;
  /** The `google` provider's block. */
  readonly google: Json;
  /** What is there and the state shall learn of. */
  readonly imports: readonly { readonly to: string; readonly id: string }[];
  /** What is referred to comes first. */
  readonly resources: readonly Declared[];
  readonly outputs: Readonly<Record<string, { readonly value: unknown; readonly sensitive?: boolean }>>;
}

const MAIN_FILE = 'cdk.tf.json';
const BLOCKS = ['//', 'terraform', 'provider', 'resource', 'output', 'data', 'import'];
const FOR_TERRAFORM = ['//', 'lifecycle', 'depends_on'];

/** Reads the directory's `cdk.tf.json`, and `import` blocks beside it. @throws TerraformError when it is missing or not JSON. */
export function readConfiguration(directory: string): Json {
  const read = (name: string): Json => {
    const file = join(directory, name);
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Json;
    } catch (error) {
      throw new TerraformError('No configuration files', `${file}: ${messageOf(error)}`);
    }
  };
  const main = read(MAIN_FILE);
  const beside = readdirSync(directory).filter((name) => name.endsWith('.tf.json') && name !== MAIN_FILE);
  const imports = beside.flatMap((name) => {
    const { import: blocks = [], ...rest } = read(name);
    if (Object.keys(rest).length > 0) throw notInStandIn(`A file beside ${MAIN_FILE} (${name})`);
    return blocks as Json[];
  });
  return imports.length === 0 ? main : { ...main, import: imports };
}

/**
 * What the JSON says. `data` is left alone: a reference to it is an error of its own.
 * @throws TerraformError for blocks, backends and meta-arguments that the stand-in does not do.
 */
export function parseConfiguration(json: Json): Configuration {
  const other = Object.keys(json).find((key) => !BLOCKS.includes(key));
  if (other !== undefined) throw notInStandIn(`The block "${other}"`);
  const terraform = (json.terraform ?? {}) as { backend?: Record<string, Json>; required_providers?: Json };
  const [backend = 'local', settings] = Object.entries(terraform.backend ?? {})[0] ?? [];
  if (backend !== 'local') throw notInStandIn(`The backend "${backend}"`);
  const google = ((json.provider ?? {}) as Record<string, unknown>).google;
  const types = Object.entries((json.resource ?? {}) as Record<string, Record<string, Json>>);
  return {
    statePath: (settings?.path as string | undefined) ?? 'terraform.tfstate',
    providers: (terraform.required_providers ?? {}) as Configuration['providers'],
    google: (Array.isArray(google) ? (google[0] as Json) : (google as Json | undefined)) ?? {},
    resources: inOrder(
      types.flatMap(([type, named]) =>
        Object.entries(named).map(([name, body]) => declared(type, name, body)),
      ),
    ),
    imports: (json.import ?? []) as Configuration['imports'],
    outputs: (json.output ?? {}) as Configuration['outputs'],
  };
}

type Unordered = Declared & { readonly after: readonly string[] };

function declared(type: string, name: string, body: Json): Unordered {
  const address = `${type}.${name}`;
  for (const key of ['count', 'for_each', 'provisioner', 'connection', 'provider']) {
    if (key in body) throw notInStandIn(`"${key}" (in ${address})`);
  }
  const lifecycle = isObject(body.lifecycle) ? body.lifecycle : {};
  for (const key of Object.keys(lifecycle)) {
    // In which order a replacement goes matters to none that is only recorded.
    const harmless = key === 'create_before_destroy' && type !== SERVICE_TYPE;
    if (!harmless && !['ignore_changes', 'prevent_destroy'].includes(key))
      throw notInStandIn(`lifecycle.${key} (in ${address})`);
  }
  const ignoreChanges = (lifecycle.ignore_changes ?? []) as string[];
  if (!Array.isArray(ignoreChanges) || ignoreChanges.some((path) => !/^\w+$/.test(path))) {
    throw notInStandIn(`ignore_changes of anything but whole attributes (in ${address})`);
  }
  const values = Object.fromEntries(Object.entries(body).filter(([key]) => !FOR_TERRAFORM.includes(key)));
  return {
    ...{ address, type, name, values, ignoreChanges },
    preventDestroy: lifecycle.prevent_destroy === true,
    after: [...((body.depends_on ?? []) as string[]), ...referencesIn(values)],
  };
}

/** Depth first, so that what is referred to stands in front. */
function inOrder(resources: readonly Unordered[]): Declared[] {
  const ordered: Declared[] = [];
  const seen = new Set<string>();
  const visit = (resource: Unordered): void => {
    if (seen.has(resource.address)) return;
    seen.add(resource.address);
    resources.filter(({ address }) => resource.after.includes(address)).forEach(visit);
    ordered.push(resource);
  };
  resources.forEach(visit);
  return ordered;
}

/** `registry.terraform.io/hashicorp/google`. */
export function providerName(source: string): string {
  return `registry.terraform.io/${source.includes('/') ? source : `hashicorp/${source}`}`;
}

/** The provider that a type belongs to by its prefix. */
export function providerOf(type: string, providers: Configuration['providers']): string {
  const prefix = type.split('_')[0]!;
  return providerName(providers[prefix]?.source ?? prefix);
}
