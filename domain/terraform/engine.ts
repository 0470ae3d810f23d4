/** The two programs that read a stack's `cdk.tf.json`. */
export type Engine = 'terraform' | 'tofu';

export interface EngineFacts {
  /** As the program calls itself in `version`. */
  readonly title: string;
  /** Where it takes a provider from whose source names no host; also how a state names who wrote it. */
  readonly registry: string;
  /** Oldest version that the project was run with. */
  readonly least: string;
}

export const ENGINES: Readonly<Record<Engine, EngineFacts>> = {
  terraform: { title: 'Terraform', registry: 'registry.terraform.io', least: '1.11.0' },
  tofu: { title: 'OpenTofu', registry: 'registry.opentofu.org', least: '1.10.0' },
};

export const otherEngine = (engine: Engine): Engine => (engine === 'tofu' ? 'terraform' : 'tofu');

/** What the first line of `version` says; undefined for any other program. */
export function readEngine(said: string): { engine: Engine; version: string } | undefined {
  const [, title, version] = /^(Terraform|OpenTofu) v(\d+\.\d+\.\d+)/.exec(said) ?? [];
  if (version === undefined) return undefined;
  return { engine: title === ENGINES.tofu.title ? 'tofu' : 'terraform', version };
}

/** `1.12.6` is at least `1.10.0`; numbers are compared, not words. */
export function isAtLeast(version: string, least: string): boolean {
  const [is, must] = [version, least].map((text) => text.split('.').map((part) => parseInt(part, 10)));
  for (const [index, wanted] of must!.entries()) {
    const found = is![index] ?? 0;
    if (found !== wanted) return found > wanted;
  }
  return true;
}

/** Full sources, `registry.terraform.io/hashicorp/google`, that only the other engine writes. */
export function sourcesOfOther(sources: readonly string[], engine: Engine): string[] {
  const { registry } = ENGINES[otherEngine(engine)];
  return sources.filter((source) => source.startsWith(`${registry}/`));
}

/** Provider sources that a state's resources name. @param state as `state pull` prints it, parsed. */
export function providersOfState(state: unknown): string[] {
  const { resources = [] } = (state ?? {}) as { resources?: readonly { provider?: string }[] };
  const sources = resources.flatMap(
    ({ provider }) => /provider\["([^"]+)"\]/.exec(provider ?? '')?.[1] ?? [],
  );
  return [...new Set(sources)];
}
