import { Failure } from '../../domain/failure';

/** Synthesized Terraform, as far as the tests look into it. */
export interface TerraformJson {
  readonly resource: Readonly<Record<string, Readonly<Record<string, ServiceJson>>>>;
  readonly output: unknown;
  readonly terraform: { readonly backend: unknown; readonly required_providers: unknown };
}

export interface ServiceJson {
  readonly labels?: unknown;
  readonly traffic?: unknown;
  readonly lifecycle: unknown;
  readonly deletion_protection: unknown;
  readonly template: {
    readonly revision: unknown;
    readonly labels: unknown;
    readonly scaling: unknown;
    readonly containers: readonly Readonly<
      Record<'image' | 'args' | 'env' | 'ports' | 'startup_probe', unknown>
    >[];
  };
}

export function parse(synthesized: string): TerraformJson {
  return JSON.parse(synthesized) as TerraformJson;
}

/** The service of an `OcrServiceStack`, or of a `GpuCloudRunService` with the id `ocr`. */
export function serviceOf(synthesized: string): ServiceJson {
  return parse(synthesized).resource.google_cloud_run_v2_service!.ocr!;
}

/** `type.name` of every resource: what Terraform's state files them under. */
export function addressesOf(synthesized: string): string[] {
  return Object.entries(parse(synthesized).resource).flatMap(([type, named]) =>
    Object.keys(named).map((name) => `${type}.${name}`),
  );
}

/** What a construct refuses with. */
export function failureOf(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** One resource by its address, as Terraform reads it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- Terraform's JSON
export function resourceOf(synthesized: string, address: string): Record<string, any> {
  const [type = '', name = ''] = address.split('.');
  const found = parse(synthesized).resource[type]?.[name];
  if (found === undefined) throw new Error(`no ${address} in ${addressesOf(synthesized).join(', ')}`);
  return found;
}
