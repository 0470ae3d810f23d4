import { usd } from '../cost/cost';
import type { Deployment } from '../deployment';
import { isVolatile } from './fingerprint';
import { PLACEHOLDER_DIGEST } from './placeholder';
import { actionOf, attributeChanges, type ResourceChange, type TerraformPlan } from './plan';
import type { ServiceSummary } from '../service/serviceSummary';

/** One thing that matters to a reviewer, as it will be and, where it changes, as it was. */
export interface Matter {
  readonly topic: string;
  readonly now: string;
  readonly was?: string;
}

const EVERYONE = /^(allUsers|allAuthenticatedUsers)$/;

/** What matters of a service, changed or not; before is said where it differs. */
export function serviceMatters(
  deployment: Deployment,
  before: ServiceSummary | undefined,
  after: ServiceSummary | undefined,
  movesTraffic: boolean,
): Matter[] {
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
  const lines = topics.flatMap(([topic, read]): Matter[] => {
    const [was, now] = [before && read(before), read(after)];
    if (was === undefined && now === undefined) return [];
    const line = { topic, now: now ?? 'known after apply' };
    return was === undefined || was === now ? [line] : [{ ...line, was }];
  });
  const traffic = movesTraffic ? 'MOVED by this plan; it must not be' : 'not touched';
  return [...lines, ...quotaMatter(deployment, after), { topic: 'traffic', now: traffic }];
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

/** True for values that let anybody in: a grant to everyone, or a service that does not ask. */
export function opensToEveryone(values: unknown): boolean {
  const { invoker_iam_disabled: asksNobody } = (values ?? {}) as { invoker_iam_disabled?: unknown };
  return asksNobody === true || membersOf(values).some((member) => EVERYONE.test(member));
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
export function accessMatters(acting: readonly ResourceChange[]): Matter[] {
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
export function driftMatters(plan: TerraformPlan): Matter[] {
  return (plan.resource_drift ?? []).flatMap(({ address, type, change }): Matter[] => {
    const paths = attributeChanges(change)
      .filter(({ path, before, after }) => !isVolatile(type, path) && !(isEmpty(before) && isEmpty(after)))
      .map(({ path }) => path);
    return paths.length === 0
      ? []
      : [{ topic: 'changed outside Terraform', now: `${address}: ${paths.join(', ')}` }];
  });
}
