import { canonicalJson, sha256 } from '../canonical';
import { actingResources, attributeChanges, type Change, SERVICE_TYPE, type TerraformPlan } from './plan';

/** What a person approves: the change as such, without what moves while nobody changes the code. */
export interface FingerprintDocument {
  readonly sha: string;
  /** Provider source and version, from the lock file. */
  readonly providers: Readonly<Record<string, string>>;
  readonly resources: readonly {
    readonly address: string;
    readonly actions: readonly string[];
    /** Where the state has it until then, and the id that it is imported by; absent for most. */
    readonly movedFrom?: string;
    readonly importedAs?: string;
    readonly replacePaths: readonly string[];
    readonly attributes: readonly {
      readonly path: string;
      readonly before: unknown;
      readonly after: unknown;
    }[];
  }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly actions: readonly string[];
    readonly after: unknown;
  }[];
}

/**
 * Attributes of the service that the cloud moves by itself or that belong to the release engine:
 * traffic, service-level scaling, versions, times, conditions. They are no part of what was approved.
 */
const VOLATILE =
  /^(traffic|traffic_statuses|scaling|etag|generation|observed_generation|update_time|create_time|conditions|terminal_condition|reconciling|client|client_version|latest_ready_revision|latest_created_revision|last_modifier|uid|urls|uri)(\.|$)/;
/** On any other resource, where a condition or a scaling is somebody's own setting, only its version moves by itself. */
const VERSION = /^(etag|generation|update_time)(\.|$)/;

/** True for what moves while nobody changes the code. */
export function isVolatile(type: string, path: string): boolean {
  return (type === SERVICE_TYPE ? VOLATILE : VERSION).test(path);
}

/** Reduces a plan to its fingerprint document. Unknown outputs count by name only: their values follow from the resources. */
export function fingerprintDocument(
  plan: TerraformPlan,
  sha: string,
  providers: Readonly<Record<string, string>>,
): FingerprintDocument {
  const acts = ({ actions }: Change) => !actions.every((action) => action === 'no-op' || action === 'read');
  const resources = actingResources(plan)
    .map(({ address, type, change, previous_address: movedFrom }) => ({
      address,
      actions: change.actions,
      ...(movedFrom !== undefined && { movedFrom }),
      ...(change.importing && { importedAs: change.importing.id ?? '' }),
      replacePaths: (change.replace_paths ?? []).map((path) => path.join('.')).sort(),
      attributes: attributeChanges(change)
        .filter(({ path }) => !isVolatile(type, path))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
    }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  const outputs = Object.entries(plan.output_changes ?? {})
    .filter(([, change]) => acts(change))
    .map(([name, change]) => ({
      name,
      actions: change.actions,
      after: change.after_sensitive === true ? null : (change.after ?? null),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { sha, providers, resources, outputs };
}

/** SHA-256 of the document, hexadecimal. */
export function fingerprint(document: FingerprintDocument): string {
  return sha256(canonicalJson(document));
}

/** Lines that tell two documents apart: what was approved and is gone, and what came instead. */
export function fingerprintDifference(approved: FingerprintDocument, now: FingerprintDocument): string[] {
  const lines = (document: FingerprintDocument) => [
    `sha ${document.sha}`,
    ...Object.entries(document.providers).map(([source, version]) => `provider ${source} ${version}`),
    ...document.resources.flatMap(({ address, actions, movedFrom, importedAs, replacePaths, attributes }) => [
      [
        address,
        actions.join(','),
        ...(movedFrom === undefined ? [] : [`(moved from ${movedFrom})`]),
        ...(importedAs === undefined ? [] : [`(imported as ${importedAs})`]),
        ...replacePaths.map((path) => `(replaced for ${path})`),
      ].join(' '),
      ...attributes.map(
        ({ path, before, after }) =>
          `${address}.${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
      ),
    ]),
    ...document.outputs.map(
      ({ name, actions, after }) => `output ${name} ${actions.join(',')} ${JSON.stringify(after)}`,
    ),
  ];
  const approvedLines = new Set(lines(approved));
  const nowLines = new Set(lines(now));
  return [
    ...[...approvedLines].filter((line) => !nowLines.has(line)).map((line) => `- ${line}`),
    ...[...nowLines].filter((line) => !approvedLines.has(line)).map((line) => `+ ${line}`),
  ];
}
