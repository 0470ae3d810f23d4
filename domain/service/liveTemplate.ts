/**
 * The part of a revision, or of a service's template, in Cloud Run's API v2 that the project owns. proto3 leaves out what is
 * 0 or false, so a value that is missing is read as Cloud Run's default.
 */
export interface LiveTemplate {
  readonly scaling?: { readonly minInstanceCount?: number; readonly maxInstanceCount?: number };
  /** `300s`. */
  readonly timeout?: string;
  readonly serviceAccount?: string;
  readonly maxInstanceRequestConcurrency?: number;
  readonly nodeSelector?: { readonly accelerator?: string };
  readonly gpuZonalRedundancyDisabled?: boolean;
  readonly executionEnvironment?: string;
  readonly sessionAffinity?: boolean;
  readonly volumes?: readonly { readonly name?: string }[];
  /** Connector or network interfaces, and what goes out that way. */
  readonly vpcAccess?: object;
  readonly containers?: readonly LiveContainer[];
}

export interface LiveContainer {
  readonly name?: string;
  readonly image?: string;
  /** Instead of the image's entrypoint. */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly {
    readonly name?: string;
    readonly value?: string;
    readonly valueSource?: {
      readonly secretKeyRef?: { readonly secret?: string; readonly version?: string };
    };
  }[];
  readonly ports?: readonly { readonly containerPort?: number }[];
  readonly resources?: {
    readonly limits?: Readonly<Record<string, string>>;
    /** True: no CPU between requests. */
    readonly cpuIdle?: boolean;
    readonly startupCpuBoost?: boolean;
  };
  readonly startupProbe?: LiveProbe;
  readonly livenessProbe?: LiveProbe;
}

export interface LiveProbe {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly failureThreshold?: number;
  readonly httpGet?: { readonly path?: string; readonly port?: number };
  readonly tcpSocket?: { readonly port?: number };
}

/** https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services#RevisionTemplate */
export const CLOUD_RUN_DEFAULTS = { timeout: '300s', concurrency: 80, port: 8080 } as const;

/** vCPU of a Kubernetes quantity: `8`, `8000m`. NaN for anything else. */
export function vcpuOf(quantity: string | undefined): number {
  const [, amount, milli] = /^(\d+(?:\.\d+)?)(m?)$/.exec(quantity ?? '') ?? [];
  return Number(amount) / (milli ? 1000 : 1);
}

const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** GiB of a Kubernetes quantity: `32Gi`, `32768Mi`, `16G`. NaN for anything else. */
export function gibOf(quantity: string | undefined): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi)?$/.exec(quantity ?? '') ?? [];
  return (Number(amount) * BYTES[unit]!) / 2 ** 30;
}

/**
 * vLLM's command line as values by flag, without dashes: `--a=1`, `--a 1 2`, `--a_b` and `--no-a` as vLLM's own parser reads
 * them. What stands before any flag is under the empty name.
 */
export function flagsOf(args: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string[]>();
  let current = '';
  for (const word of args) {
    const [, name, value] = /^--([\w-]+?)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) {
      values.set(current, [...(values.get(current) ?? []), word]);
      continue;
    }
    const dashed = name.replaceAll('_', '-');
    current = dashed.replace(/^no-/, '');
    values.set(current, current === dashed ? [] : ['false']);
    if (value !== undefined) values.set(current, [value]);
  }
  return new Map([...values].map(([name, words]) => [name, words.join(' ') || 'true']));
}

/** The same of what follows `vllm serve`: the model, `owner/name`, may stand in front of the flags, as well as behind `--model`. */
export function serveFlags(args: readonly string[]): ReadonlyMap<string, string> {
  const flags = flagsOf(args);
  const first = flags.get('') ?? '';
  if (!/^\S+\/\S+$/.test(first) || flags.has('model')) return flags;
  return new Map([...flags].map(([name, value]) => [name === '' ? 'model' : name, value]));
}
