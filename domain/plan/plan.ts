import { unmarkedSecrets } from './unmarkedSecrets';

/** The part of `terraform show -json PLAN` that releases read (https://developer.hashicorp.com/terraform/internals/json-format). */
export interface TerraformPlan {
  readonly terraform_version: string;
  readonly resource_changes?: readonly ResourceChange[];
  /** What changed in the cloud since the state was written; Terraform lists it before it plans. */
  readonly resource_drift?: readonly ResourceChange[];
  readonly variables?: Readonly<Record<string, { readonly value?: unknown }>>;
  readonly configuration?: {
    readonly root_module?: {
      readonly variables?: Readonly<Record<string, { readonly sensitive?: boolean }>>;
    };
  };
  readonly output_changes?: Readonly<Record<string, Change>>;
  readonly prior_state?: {
    readonly values?: {
      readonly root_module?: { readonly resources?: readonly StateResource[] };
    };
  };
}

export type Action = 'no-op' | 'create' | 'read' | 'update' | 'delete' | 'forget';

export interface ResourceChange {
  readonly address: string;
  /** Where the state has it until the apply: a `moved` block, or a count that came or went. */
  readonly previous_address?: string;
  readonly type: string;
  readonly change: Change;
}

export interface Change {
  readonly actions: readonly Action[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  readonly replace_paths?: readonly (readonly (string | number)[])[];
  /** It is there, and the state learns of it: something to apply, though nothing may change in the cloud. */
  readonly importing?: { readonly id?: string };
}

export interface StateResource {
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export const SERVICE_TYPE = 'google_cloud_run_v2_service';

const isAct = ({ actions }: Change) => actions.some((action) => action !== 'no-op' && action !== 'read');

/** Resources that an apply changes: in the cloud, or in the state alone (`moved`, `import`). */
export function actingResources({ resource_changes: changes = [] }: TerraformPlan): ResourceChange[] {
  return changes.filter(
    ({ change, previous_address: from }) =>
      isAct(change) || change.importing !== undefined || from !== undefined,
  );
}

/** True when the plan does something: what `-detailed-exitcode` says with 2. */
export function hasChanges(plan: TerraformPlan): boolean {
  return actingResources(plan).length > 0 || Object.values(plan.output_changes ?? {}).some(isAct);
}

/** True when the plan writes the service: one PATCH, or its create. */
export function writesService(plan: TerraformPlan): boolean {
  return (plan.resource_changes ?? []).some(
    ({ type, change }) =>
      type === SERVICE_TYPE && change.actions.some((action) => action !== 'no-op' && action !== 'read'),
  );
}

/** `create`, `update`, `replace`, … */
export function actionOf(actions: readonly Action[]): string {
  if (actions.includes('delete') && actions.includes('create')) return 'replace';
  return actions.join(', ');
}

/** One attribute that a plan changes; values as JSON, `(known after apply)` and `(sensitive)` as such. */
export interface AttributeChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

export const UNKNOWN = '(known after apply)';
export const SENSITIVE = '(sensitive)';

/** Attributes whose before and after differ or that become unknown; sensitive values are replaced by a mark. */
export function attributeChanges(change: Change): AttributeChange[] {
  return changesOf(change).map(({ isSensitive, path, before, after }) =>
    isSensitive ? { path, before: SENSITIVE, after: SENSITIVE } : { path, before, after },
  );
}

/** Those that are sensitive, with their values: to compare, never to show or to keep. */
export function sensitiveChanges(change: Change): AttributeChange[] {
  return changesOf(change).flatMap(({ isSensitive, ...found }) => (isSensitive ? [found] : []));
}

interface FoundChange extends AttributeChange {
  readonly isSensitive: boolean;
}

/** What a resource will be, with the mark of what is not known before the apply; null where it will not be. */
export function afterwards({ after, after_unknown: unknown }: Change): unknown {
  const overlay = (value: unknown, mark: unknown): unknown => {
    if (mark === true) return UNKNOWN;
    if (!isContainer(mark)) return value ?? null;
    if (Array.isArray(value)) return value.map((item, index) => overlay(item, (mark as unknown[])[index]));
    const marks = mark as Record<string, unknown>;
    const known = (value ?? {}) as Record<string, unknown>;
    return Object.fromEntries(
      [...new Set([...Object.keys(known), ...Object.keys(marks)])].map((key) => [
        key,
        overlay(known[key], marks[key]),
      ]),
    );
  };
  return isContainer(after) ? overlay(after, unknown ?? {}) : null;
}

/** Where something secret stands, before or after: what Terraform has marked, and what it could not know. */
export function secretMarks(change: Change): unknown[] {
  const { before, after, before_sensitive: was, after_sensitive: is } = change;
  return [was, is, unmarkedSecrets(before), unmarkedSecrets(after)];
}

function changesOf(change: Change): FoundChange[] {
  const found: FoundChange[] = [];
  walk('', change.before, change.after, change.after_unknown, secretMarks(change), found);
  return found;
}

function walk(
  path: string,
  before: unknown,
  after: unknown,
  unknown: unknown,
  sensitive: readonly unknown[],
  found: FoundChange[],
): void {
  const add = (was: unknown, is: unknown, isSensitive = false) =>
    found.push({ path, before: was ?? null, after: is ?? null, isSensitive });
  if (sensitive.some((mark) => mark === true)) {
    if (unknown === true || JSON.stringify(before) !== JSON.stringify(after))
      add(before, unknown === true ? UNKNOWN : after, true);
    return;
  }
  if (unknown === true) {
    add(before, UNKNOWN);
    return;
  }
  if (isContainer(before) || isContainer(after)) {
    const keys = new Set([...keysOf(before), ...keysOf(after), ...keysOf(unknown)]);
    const foundBefore = found.length;
    for (const key of keys) {
      const at = (value: unknown) =>
        isContainer(value) ? (value as Record<string, unknown>)[key] : undefined;
      walk(
        path === '' ? key : `${path}.${key}`,
        at(before),
        at(after),
        at(unknown),
        sensitive.map(at),
        found,
      );
    }
    // A block without settings that comes or goes has no leaf to tell of it.
    if (path !== '' && found.length === foundBefore && isBlock(before) !== isBlock(after))
      add(isBlock(before) ? {} : null, isBlock(after) ? {} : null);
    return;
  }
  if ((before ?? null) !== (after ?? null)) add(before, after);
}

function isContainer(value: unknown): boolean {
  return value !== null && typeof value === 'object';
}

function isBlock(value: unknown): boolean {
  return isContainer(value) && !Array.isArray(value);
}

function keysOf(value: unknown): string[] {
  return isContainer(value) ? Object.keys(value as object) : [];
}
