import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { canonicalJson } from '../../domain/canonical';
import { messageOf } from '../../domain/failure';
import { TerraformError } from './terraformError';
import type { Attributes } from './values';

export const TERRAFORM_VERSION = '1.11.4';

export interface StateResource {
  readonly mode: 'managed';
  readonly type: string;
  readonly name: string;
  readonly provider: string;
  readonly instances: readonly [
    { readonly schema_version: 0; readonly status?: 'tainted'; readonly attributes: Attributes },
  ];
}

/** Terraform's state, format 4. */
export interface State {
  readonly version: 4;
  readonly terraform_version: string;
  /** Grows by one with every write that changes something. */
  readonly serial: number;
  /** Given once, when the state is made; empty before. */
  readonly lineage: string;
  readonly outputs: Readonly<
    Record<string, { readonly value: unknown; readonly type: string; readonly sensitive?: boolean }>
  >;
  readonly resources: readonly StateResource[];
}

export function addressOf(resource: { readonly type: string; readonly name: string }): string {
  return `${resource.type}.${resource.name}`;
}

/** The state at the path; an empty one where there is none. @throws TerraformError for a file that is not a state. */
export function readState(path: string): State {
  if (!existsSync(path)) {
    return {
      version: 4,
      terraform_version: TERRAFORM_VERSION,
      serial: 0,
      lineage: '',
      outputs: {},
      resources: [],
    };
  }
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as State;
    if (state.version !== 4) throw new Error(`version ${String(state.version)}, not 4`);
    return state;
  } catch (error) {
    throw new TerraformError('Error loading state', `${path}: ${messageOf(error)}`);
  }
}

/** Writes outputs and resources when they differ from what is there; whole or not at all. */
export function writeState(path: string, current: State, next: Pick<State, 'outputs' | 'resources'>): void {
  const { outputs, resources } = next;
  if (
    canonicalJson({ outputs, resources }) ===
    canonicalJson({ outputs: current.outputs, resources: current.resources })
  )
    return;
  const state: State = {
    ...current,
    serial: current.serial + 1,
    lineage: current.lineage || randomUUID(),
    outputs,
    resources,
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify(state, null, 2));
  renameSync(`${path}.new`, path);
}
