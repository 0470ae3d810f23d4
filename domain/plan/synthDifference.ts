import { canonicalJson } from '../canonical';
import type { Action, ResourceChange, TerraformPlan } from './plan';

/** The part of `cdk.tf.json` that resources are in: type, then id. */
export interface SynthesizedStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

/**
 * Two synthesized stacks as a plan would have them: what a fork's pull request can show, which may read neither state nor
 * cloud. It knows what is written and nothing else: no replaces, no drift, no computed values.
 */
export function synthDifference(base: SynthesizedStack, head: SynthesizedStack): TerraformPlan {
  const [before, after] = [resourcesOf(base), resourcesOf(head)];
  const addresses = [...new Set([...before.keys(), ...after.keys()])].sort();
  return {
    terraform_version: 'none',
    resource_changes: addresses.map((address): ResourceChange => {
      const [was, is] = [before.get(address) ?? null, after.get(address) ?? null];
      return {
        address,
        type: address.slice(0, address.indexOf('.')),
        change: { actions: [actionOf(was, is)], before: was, after: is },
      };
    }),
  };
}

function actionOf(was: unknown, is: unknown): Action {
  if (was === null) return 'create';
  if (is === null) return 'delete';
  return canonicalJson(was) === canonicalJson(is) ? 'no-op' : 'update';
}

/** Values by address; cdktf's notes to itself (`//`) are no part of a resource. */
function resourcesOf({ resource = {} }: SynthesizedStack): Map<string, unknown> {
  return new Map(
    Object.entries(resource).flatMap(([type, byId]) =>
      Object.entries(byId).map(([id, { '//': _note, ...values }]) => [`${type}.${id}`, values] as const),
    ),
  );
}
