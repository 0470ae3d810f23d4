import { usd } from './cost';
import type { Deployment } from './deployment';
import { isVolatile } from './fingerprint';
import type { Candidate, Hold } from './ledger';
import type { StackKind } from './names';
import { PLACEHOLDER_DIGEST } from './placeholder';
import {
  type Action,
  type AttributeChange,
  attributeChanges,
  hasChanges,
  type ResourceChange,
  SERVICE_TYPE,
  type TerraformPlan,
} from './plan';
import { redactDeep, redactor } from './redact';
import { type ServiceSummary, serviceSummaries } from './serviceSummary';

export interface ReviewInput {
  readonly deployment: Deployment;
  /** Default `service`. */
  readonly stack?: StackKind;
  readonly plan: TerraformPlan;
  /** What is approved; absent for a plan that nobody can approve. */
  readonly fingerprint?: string;
  /** The release that the plan carries; only the service stack has one. */
  readonly candidate?: Candidate & { readonly revision: string; readonly reused: boolean };
  readonly holds?: readonly Hold[];
  /** What a reviewer has to know beside the plan, such as that a fork's plan has not seen the cloud. */
  readonly notes?: readonly string[];
}

/** One thing that matters to a reviewer, as it will be and, where it changes, as it was. */
export interface Matter {
  readonly topic: string;
  readonly now: string;
  readonly was?: string;
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
  /** Address and action of what is destroyed or replaced. */
  readonly destroyed: readonly Omit<ReviewedResource, 'attributes'>[];
  readonly matters: readonly Matter[];
  readonly resources: readonly ReviewedResource[];
  readonly notes: readonly string[];
  readonly fingerprint?: string;
}

const EVERYONE = /^(allUsers|allAuthenticatedUsers)$/;

/** Reads a plan for a reviewer. Pure: the same plan gives the same review, so that an unchanged comment stays unchanged. */
export function planReview(input: ReviewInput): Review {
  const { deployment, stack = 'service', plan, fingerprint, candidate, holds = [], notes = [] } = input;
  const acting = (plan.resource_changes ?? []).filter(({ change }) =>
    change.actions.some((action) => action !== 'no-op' && action !== 'read'),
  );
  const destroyed = acting.filter(({ change }) => change.actions.includes('delete'));
  const { before, after } = serviceSummaries(plan);
  const open = acting.filter(({ change }) => grantsEveryone(change.after) || turnsIamOff(change.after));
  const movesTraffic = acting.some(
    ({ type, change }) =>
      type === SERVICE_TYPE &&
      change.actions.join() === 'update' &&
      attributeChanges(change).some(({ path }) => /^traffic(\.|$)/.test(path)),
  );
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
      ...(open.length > 0 ? [{ text: 'open to everyone', alarm: true }] : []),
      ...(movesTraffic ? [{ text: 'moves traffic', alarm: true }] : []),
      ...[
        !changes ? 'no changes' : (release ?? counted(acting)),
        ...(destroyed.length === 0 ? ['no destroys'] : []),
        ...money(before, after),
      ].map((text) => ({ text, alarm: false })),
    ],
    holds: holds.map(({ revision, reason, by }) => ({ revision, reason, by })),
    destroyed: destroyed.map(({ address, change }) => ({ address, action: actionOf(change.actions) })),
    matters: [
      ...(candidate ? [{ topic: 'commit', now: candidate.sha.slice(0, 7) }] : []),
      ...serviceMatters(before, after),
      ...quotaMatter(deployment, after),
      ...(after
        ? [{ topic: 'traffic', now: movesTraffic ? 'MOVED by this plan; it must not be' : 'not touched' }]
        : []),
      ...accessMatters(acting),
      ...driftMatters(plan),
    ],
    resources: acting.map(({ address, change }) => ({
      address,
      action: actionOf(change.actions),
      attributes: attributeChanges(change),
    })),
    notes,
    ...(fingerprint !== undefined && { fingerprint }),
  };
  return redactDeep(review, redactor(plan));
}

export function actionOf(actions: readonly Action[]): string {
  if (actions.includes('delete') && actions.includes('create')) return 'replace';
  return actions.join(', ');
}

/** `2 to create, 1 to update`. */
function counted(acting: readonly ResourceChange[]): string {
  const counts = new Map<string, number>();
  for (const { change } of acting) {
    const action = actionOf(change.actions);
    counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  return [...counts].map(([action, count]) => `${count} to ${action}`).join(', ') || 'outputs change';
}

/** A service that is made has all traffic on its one revision; every later revision starts with none. */
function newRevision(revision: string | undefined, made: boolean): string | undefined {
  if (revision === undefined) return undefined;
  return made ? `new service, first revision ${revision}` : `new revision ${revision}, 0 % traffic`;
}

/** Idle and full cost, with what full was. */
function money(before: ServiceSummary | undefined, after: ServiceSummary | undefined): string[] {
  const cost = after?.cost;
  if (cost === undefined) return [];
  const was = before?.cost === undefined ? '' : `, was ${usd(before.cost.full)}`;
  const count = `${cost.maxInstances} instance${cost.maxInstances === 1 ? '' : 's'}`;
  return [`idle ${usd(cost.idle)} USD/h`, `${usd(cost.full)} USD/h at ${count}${was}`];
}

/** What matters of a service, changed or not; before is said where it differs. */
function serviceMatters(before: ServiceSummary | undefined, after: ServiceSummary | undefined): Matter[] {
  const topics: [string, (summary: ServiceSummary) => string | undefined][] = [
    [
      'image',
      ({ image }) =>
        image?.endsWith(PLACEHOLDER_DIGEST) ? 'not built yet; a placeholder stands for it' : image,
    ],
    ['commit label', ({ sha }) => sha?.slice(0, 7)],
    ['revision', ({ revision }) => revision],
    ['size', ({ size }) => size],
    ['scaling', ({ scaling }) => scaling],
    ['concurrency', ({ concurrency }) => concurrency],
    ['startup probe', ({ probe }) => probe],
    ['access', ({ access }) => access],
    [
      'cost',
      ({ cost }) =>
        cost &&
        `${usd(cost.idle)} USD/h at zero, ${usd(cost.oneInstance)} in a typical hour (one instance), ${usd(cost.full)} at ${cost.maxInstances} (prices of ${cost.asOf})`,
    ],
  ];
  if (after === undefined) return [];
  return topics.flatMap(([topic, read]): Matter[] => {
    const [was, now] = [before && read(before), read(after)];
    if (was === undefined && now === undefined) return [];
    const line = { topic, now: now ?? 'known after apply' };
    return was === undefined || was === now ? [line] : [{ ...line, was }];
  });
}

/** A release runs stable and candidate side by side: both readings of the quota are said where one does not fit. */
function quotaMatter({ quota, size }: Deployment, after: ServiceSummary | undefined): Matter[] {
  const maximum = after?.cost?.maxInstances;
  if (maximum === undefined) return [];
  const [alone, together] = [maximum, maximum + 1].map(
    (count) =>
      count * size.cpu <= quota.vcpu && count * size.memoryGib <= quota.memoryGib && count <= quota.gpus,
  );
  const limits = `${quota.vcpu} vCPU, ${quota.memoryGib} GiB, ${quota.gpus} L4`;
  if (!alone) return [{ topic: 'quota', now: `${maximum} instances do not fit ${limits}` }];
  return [
    {
      topic: 'quota',
      now: together
        ? `${maximum} and one candidate fit ${limits}`
        : `${maximum} fit ${limits}, and not together with a candidate at full load`,
    },
  ];
}

function turnsIamOff(values: unknown): boolean {
  return (values as { invoker_iam_disabled?: unknown } | null | undefined)?.invoker_iam_disabled === true;
}

function grantsEveryone(values: unknown): boolean {
  return membersOf(values).some((member) => EVERYONE.test(member));
}

function membersOf(values: unknown): string[] {
  const { member, members, policy_data: policy } = (values ?? {}) as Record<string, unknown>;
  const inPolicy =
    typeof policy === 'string'
      ? [...policy.matchAll(/"(all(?:Authenticated)?Users)"/g)].map(([, name]) => name!)
      : [];
  return [member, ...(Array.isArray(members) ? (members as unknown[]) : []), ...inPolicy].filter(
    (name): name is string => typeof name === 'string',
  );
}

/** Who may do what, of every IAM resource that changes. */
function accessMatters(acting: readonly ResourceChange[]): Matter[] {
  return acting
    .filter(({ type }) => /_iam_(member|binding|policy|audit_config)$/.test(type))
    .map(({ address, change }) => {
      const values = (change.after ?? change.before ?? {}) as Record<string, unknown>;
      const who = membersOf(values).join(', ') || 'known after apply';
      return {
        topic: 'IAM',
        now: `${actionOf(change.actions)} ${address}: ${typeof values.role === 'string' ? values.role : 'roles of a policy'} for ${who}`,
      };
    });
}

/** Terraform's state says `{}` or `""` where a create said nothing: no change of anybody's. */
function isEmpty(value: unknown): boolean {
  return ['null', '{}', '[]', '""'].includes(JSON.stringify(value ?? null));
}

/** What somebody changed without Terraform; traffic, versions and times move by themselves and are left out. */
function driftMatters(plan: TerraformPlan): Matter[] {
  return (plan.resource_drift ?? []).flatMap(({ address, type, change }): Matter[] => {
    const paths = attributeChanges(change)
      .filter(({ path, before, after }) => !isVolatile(type, path) && !(isEmpty(before) && isEmpty(after)))
      .map(({ path }) => path);
    return paths.length === 0
      ? []
      : [{ topic: 'changed outside Terraform', now: `${address}: ${paths.join(', ')}` }];
  });
}
