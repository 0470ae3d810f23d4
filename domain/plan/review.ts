import type { HourlyCost } from '../cost/cost';
import type { Deployment } from '../deployment';
import { counted } from '../words';
import type { Candidate, Block } from '../releases/ledger';
import type { StackKind } from '../names';
import { accessMatters } from './accessMatters';
import { namedChanges } from './containerSettings';
import {
  actingResources,
  actionOf,
  type AttributeChange,
  hasChanges,
  type ResourceChange,
  SERVICE_TYPE,
  type TerraformPlan,
} from './plan';
import { redactDeep, redactor } from '../redact';
import { type RungAlarm, reviewAlarms } from './reviewAlarms';
import { driftMatters, type Matter, serviceMatters } from './reviewMatters';
import { actionInWords, outputMatters, stateMatters } from './stateMoves';
import { serviceSummaries } from '../service/serviceSummary';

export interface ReviewInput {
  readonly deployment: Deployment;
  /** Default `service`. */
  readonly stack?: StackKind;
  readonly plan: TerraformPlan;
  /** What is approved; absent for a plan that nobody can approve. */
  readonly fingerprint?: string;
  /** The release that the plan carries; only the service stack has one. */
  readonly candidate?: Candidate & { readonly revision: string; readonly reused: boolean };
  readonly holds?: readonly Block[];
  /** What a reviewer has to know beside the plan, such as that a fork's plan has not seen the cloud. */
  readonly notes?: readonly string[];
}

export interface ReviewedResource {
  readonly address: string;
  readonly action: string;
  readonly attributes: readonly AttributeChange[];
}

/** A plan in the words that a reviewer needs; no value in it is one that the plan marks as sensitive. */
export interface Review {
  readonly deployment: string;
  readonly stack: StackKind;
  /** True when the plan does something. */
  readonly changes: boolean;
  /** Parts of the first line, worst first. `alarm`: a reviewer must not miss it. */
  readonly verdict: readonly { readonly text: string; readonly alarm: boolean }[];
  readonly holds: readonly { readonly revision: string; readonly reason: string; readonly by: string }[];
  /** What a reviewer must not miss, and of which resources. */
  readonly alarms: readonly RungAlarm[];
  /** Address and action of what is destroyed or replaced, and the attributes that cannot change in place. */
  readonly destroyed: readonly (Omit<ReviewedResource, 'attributes'> & {
    readonly forcedBy: readonly string[];
  })[];
  readonly matters: readonly Matter[];
  readonly resources: readonly ReviewedResource[];
  readonly notes: readonly string[];
  /** Of the service, where the prices of its region are known; `before` absent for one that is made. */
  readonly cost?: { readonly before?: HourlyCost; readonly after: HourlyCost };
  readonly fingerprint?: string;
}

/** Reads a plan for a reviewer. Pure: the same plan gives the same review, so that an unchanged comment stays unchanged. */
export function planReview(input: ReviewInput): Review {
  const { deployment, stack = 'service', plan, fingerprint, candidate, holds = [], notes = [] } = input;
  const acting = actingResources(plan);
  const destroyed = acting.filter(({ change }) => change.actions.includes('delete'));
  const { before, after } = serviceSummaries(plan);
  const alarms = reviewAlarms(acting, deployment, stack);
  const changes = hasChanges(plan);
  const made = acting.some(({ type, change }) => type === SERVICE_TYPE && change.actions.includes('create'));
  const release = candidate?.reused
    ? `revision ${candidate.revision} stays`
    : newRevision(
        candidate?.revision ?? (after?.revision === before?.revision ? undefined : after?.revision),
        made,
      );
  const review: Review = {
    deployment: deployment.name,
    stack,
    changes,
    verdict: [
      ...(destroyed.length > 0 ? [{ text: `${destroyed.length} destroyed or replaced`, alarm: true }] : []),
      ...alarms.map(({ words }) => ({ text: words, alarm: true })),
      ...[
        !changes ? 'no changes' : (release ?? countedActions(acting, plan)),
        ...(destroyed.length === 0 ? ['no destroys'] : []),
      ].map((text) => ({ text, alarm: false })),
    ],
    alarms,
    holds: holds.map(({ revision, reason, by }) => ({ revision, reason, by })),
    destroyed: destroyed.map(({ address, change }) => ({
      address,
      action: actionOf(change.actions),
      forcedBy: (change.replace_paths ?? []).map((path) => path.join('.')),
    })),
    matters: [
      ...(candidate ? [{ topic: 'commit', now: candidate.sha.slice(0, 7), unchanged: true } as const] : []),
      ...serviceMatters(deployment, plan),
      ...accessMatters(acting),
      ...stateMatters(acting),
      ...outputMatters(plan),
      ...driftMatters(plan),
    ],
    resources: acting.map((resource) => ({
      address: resource.address,
      action: actionInWords(resource),
      attributes: namedChanges(resource.change).map(({ path, before: was, after: is }) => ({
        path,
        before: was,
        after: is,
      })),
    })),
    notes,
    ...(after?.cost && { cost: { ...(before?.cost && { before: before.cost }), after: after.cost } }),
    ...(fingerprint !== undefined && { fingerprint }),
  };
  return redactDeep(review, redactor(plan));
}

/** `2 to create, 1 to update, 1 output`. */
function countedActions(acting: readonly ResourceChange[], plan: TerraformPlan): string {
  const counts = new Map<string, number>();
  for (const resource of acting) {
    const action = actionInWords(resource);
    counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  const outputs = outputMatters(plan).length;
  return [
    ...[...counts].map(([action, count]) => `${count} to ${action}`),
    ...(outputs > 0 ? [`${counted(outputs, 'output')} to change`] : []),
  ].join(', ');
}

/** A service that is made has all traffic on its one revision; every later revision starts with none. */
function newRevision(revision: string | undefined, made: boolean): string | undefined {
  if (revision === undefined) return undefined;
  return made ? `new service, first revision ${revision}` : `new revision ${revision}, 0 % traffic`;
}
