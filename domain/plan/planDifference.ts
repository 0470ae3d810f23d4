import { canonicalJson } from '../canonical';
import { fingerprint, fingerprintDifference, type FingerprintDocument } from './fingerprint';
import { sensitiveChanges, type TerraformPlan } from './plan';
import { redactor } from '../redact';

/** A plan and what is approved of it. */
export interface ApprovedPlan {
  readonly json: TerraformPlan;
  readonly document: FingerprintDocument;
}

/**
 * Lines that tell a plan from the approved one; empty when it is the same change. Sensitive values are no part of the
 * fingerprint, which everybody may read and which would let a short one be guessed; both plans are at hand here, so the values
 * themselves are compared. No line holds one, not even where Terraform has lost its mark.
 */
export function planDifference(approved: ApprovedPlan, now: ApprovedPlan): string[] {
  const redactors = [redactor(approved.json), redactor(now.json)];
  const lines =
    fingerprint(approved.document) === fingerprint(now.document)
      ? []
      : fingerprintDifference(approved.document, now.document);
  return [...lines, ...sensitiveDifference(approved.json, now.json)].map((line) =>
    redactors.reduce((shown, redact) => redact(shown), line),
  );
}

function sensitiveDifference(approved: TerraformPlan, now: TerraformPlan): string[] {
  const [then, today] = [sensitiveValues(approved), sensitiveValues(now)];
  return [...new Set([...then.keys(), ...today.keys()])]
    .filter((place) => then.get(place) !== today.get(place))
    .sort()
    .map((place) => `~ ${place}: another sensitive value than the approved one`);
}

/** Values by their place; of outputs what they become. */
function sensitiveValues(plan: TerraformPlan): Map<string, string> {
  const ofResources = (plan.resource_changes ?? []).flatMap(({ address, change }) =>
    sensitiveChanges(change).map(
      ({ path, ...values }) => [path === '' ? address : `${address}.${path}`, canonicalJson(values)] as const,
    ),
  );
  const ofOutputs = Object.entries(plan.output_changes ?? {}).flatMap(([name, change]) =>
    change.after_sensitive === true
      ? [[`output ${name}`, canonicalJson({ after: change.after })] as const]
      : [],
  );
  return new Map([...ofResources, ...ofOutputs]);
}
