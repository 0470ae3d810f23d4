import { z } from 'zod';
import type { TerraformPlan } from '../../../domain/plan/plan';

const change = z.looseObject({ actions: z.array(z.string()).min(1) });
const resource = z.looseObject({ address: z.string(), type: z.string() });
const resources = z.array(resource.extend({ change })).optional();

/** What is decided upon (https://developer.hashicorp.com/terraform/internals/json-format); the rest stays as it is. */
const plan = z.looseObject({
  resource_changes: resources,
  resource_drift: resources,
  output_changes: z.record(z.string(), change).optional(),
  prior_state: z
    .looseObject({
      values: z
        .looseObject({
          root_module: z
            .looseObject({
              resources: z.array(resource.extend({ values: z.record(z.string(), z.unknown()) })).optional(),
            })
            .optional(),
        })
        .optional(),
    })
    .optional(),
});

/** A plan as `terraform show -json` prints it, or what is wrong with it. */
export function readPlanJson(text: string): { readonly plan: TerraformPlan } | { readonly problem: string } {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return { problem: `no JSON: ${text.slice(0, 80)}` };
  }
  const { success, error } = plan.safeParse(read);
  return success ? { plan: read as TerraformPlan } : { problem: z.prettifyError(error) };
}
