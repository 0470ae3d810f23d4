import table from './table.json';

/** A known fault of vLLM that an attacker can use. */
export interface Advisory {
  readonly id: string;
  readonly aliases?: readonly string[];
  /** The day it was published. */
  readonly published: string;
  /** Undefined: every version before `fixedIn`. */
  readonly introducedIn?: string;
  /** The first version without it. */
  readonly fixedIn: string;
  readonly severity: 'critical' | 'high' | 'medium' | 'low';
  /** What a caller can do with it. */
  readonly effect: 'remote-code' | 'key-bypass' | 'denial-of-service' | 'other';
  /** A flag of vLLM without which it does no harm, or `another-model` than those of `domain/models`. */
  readonly needs?: string;
  readonly summary: string;
}

/** Versions of transformers that a vLLM works with. */
export interface Bounds {
  readonly atLeast: string;
  readonly below: string;
}

/** Compares `0.9.0` and `0.14.1` as numbers, part by part. */
export const isOlder = (version: string, than: string): boolean =>
  version.localeCompare(than, 'en', { numeric: true }) < 0;

/** The day on which the table was read; `npm run vllm:versions` refreshes it. */
export const READ_ON: string = table.readOn;

/**
 * All advisories of vLLM that this project knows, by the day they were published: https://github.com/vllm-project/vllm/security/advisories
 */
export const ADVISORIES: readonly Advisory[] = table.advisories as readonly Advisory[];

/** Pairs of vLLM and transformers that loaded the model's class and read pages, on a CPU; the profiles' pair first. */
export const TESTED_PAIRS = table.tested as unknown as readonly (readonly [
  vllm: string,
  transformers: string,
])[];

/** Those that a version of vLLM has. */
export const advisoriesOf = (version: string): readonly Advisory[] =>
  ADVISORIES.filter(
    ({ introducedIn = '0', fixedIn }) => !isOlder(version, introducedIn) && isOlder(version, fixedIn),
  );

/**
 * What vLLM's own wheel asks for (`Requires-Dist`), and for 0.30, whose wheel has no upper bound, what its class of the model
 * can be imported with: measured, 5.17.0 cannot. Undefined for versions that the table does not have.
 */
export function transformersBounds(version: string): Bounds | undefined {
  const release = version.split('.').slice(0, 2).join('.');
  return (table.transformers as Readonly<Record<string, Bounds>>)[release];
}
