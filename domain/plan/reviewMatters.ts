import { usd } from '../cost/cost';
import type { Deployment } from '../deployment';
import { GPU_KINDS } from '../gpus';
import { isVolatile } from './fingerprint';
import { PLACEHOLDER_DIGEST } from './placeholder';
import { settingChanges } from './containerSettings';
import { attributeChanges, type Change, SERVICE_TYPE, type TerraformPlan } from './plan';
import { serviceSummaries, type ServiceSummary } from '../service/serviceSummary';

/** One thing that matters to a reviewer, as it will be and, where it changes, as it was. */
export interface Matter {
  readonly topic: string;
  readonly now: string;
  readonly was?: string;
  /** It is as it was: said for the whole picture, and left out where only changes are shown. */
  readonly unchanged?: true;
}

/** What matters of a service, changed or not; before is said where it differs. */
export function serviceMatters(deployment: Deployment, plan: TerraformPlan): Matter[] {
  const { before, after } = serviceSummaries(plan);
  if (after === undefined) return [];
  const topics: [topic: string, read: (summary: ServiceSummary) => string | undefined, absent?: string][] = [
    [
      'image',
      ({ image }) =>
        image?.endsWith(PLACEHOLDER_DIGEST) ? 'not built yet; a placeholder stands for it' : image,
    ],
    ['commit label', ({ sha }) => sha?.slice(0, 7)],
    ['revision', ({ revision }) => revision],
    ['account', ({ account }) => account],
    ['containers', ({ containers }) => containers, '1'],
    ['command', ({ command }) => command, 'that of the image'],
    ['network', ({ network }) => network, 'none of its own'],
    ['size', ({ size }) => size],
    ['scaling', ({ scaling }) => scaling],
    ['concurrency', ({ concurrency }) => concurrency],
    ['startup probe', ({ probe }) => probe],
    ['access', ({ access }) => access],
    ['cost', costWords],
  ];
  const lines = topics.flatMap(([topic, read, absent]): Matter[] => {
    const [was, now] = [before && read(before), read(after)];
    if (was === undefined && now === undefined) return [];
    const line = { topic, now: now ?? absent ?? 'known after apply' };
    const then = was ?? (before && absent);
    if (then === undefined) return [line];
    return [then === line.now ? { ...line, unchanged: true } : { ...line, was: then }];
  });
  return [
    ...lines,
    ...(before === undefined ? [] : settingMatters(plan)),
    ...quotaMatter(deployment, before, after),
    trafficMatter(serviceChange(plan)),
  ];
}

function costWords({ cost, unpricedRegion }: ServiceSummary): string | undefined {
  if (unpricedRegion !== undefined) return `no price known for ${unpricedRegion}`;
  return (
    cost &&
    `${usd(cost.idle)} USD/h at zero, ${usd(cost.oneInstance)} in a typical hour (one instance), ${usd(cost.full)} at ${cost.maxInstances} (prices of ${cost.asOf})`
  );
}

/** Flags and variables that come, go or change. */
function settingMatters(plan: TerraformPlan): Matter[] {
  const change = serviceChange(plan);
  return (change ? settingChanges(change) : []).map(({ kind, name, before, after }) => ({
    topic: kind,
    now: `${name} ${after ?? 'not set'}`,
    was: before ?? 'not set',
  }));
}

/** A service that is made has all traffic on its one revision, which nobody has tested. */
function trafficMatter(change: Change | undefined): Matter {
  const topic = 'traffic';
  if (change?.actions.includes('create')) return { topic, now: 'all of it goes to the new service' };
  return change && movesTraffic(change)
    ? { topic, now: 'MOVED by this plan; it must not be' }
    : { topic, now: 'not touched', unchanged: true };
}

/** True for an update of the service that sends other traffic than it has. */
export function movesTraffic(change: Change): boolean {
  return (
    change.actions.join() === 'update' &&
    attributeChanges(change).some(({ path }) => /^traffic(\.|$)/.test(path))
  );
}

const serviceChange = ({ resource_changes: changes }: TerraformPlan): Change | undefined =>
  changes?.find(({ type }) => type === SERVICE_TYPE)?.change;

/** A release runs stable and candidate side by side: both readings of the quota are said where one does not fit. */
function quotaMatter(
  { quota, size }: Deployment,
  before: ServiceSummary | undefined,
  after: ServiceSummary,
): Matter[] {
  const { maxInstances: maximum } = after;
  if (maximum === undefined) return [];
  const [alone, together] = [maximum, maximum + 1].map(
    (count) =>
      count * size.cpu <= quota.vcpu && count * size.memoryGib <= quota.memoryGib && count <= quota.gpus,
  );
  const limits = `${quota.vcpu} vCPU, ${quota.memoryGib} GiB, ${quota.gpus} ${GPU_KINDS[size.gpu].name}`;
  const now = !alone
    ? `${maximum} instances do not fit ${limits}`
    : together
      ? `${maximum} and one candidate fit ${limits}`
      : `${maximum} fit ${limits}, and not together with a candidate at full load`;
  const isSame = before !== undefined && before.size === after.size && before.scaling === after.scaling;
  return [{ topic: 'quota', now, ...(isSame && { unchanged: true }) }];
}

/** Terraform's state says `{}` or `""` where a create said nothing: no change of anybody's. */
function isEmpty(value: unknown): boolean {
  return ['null', '{}', '[]', '""'].includes(JSON.stringify(value ?? null));
}

/**
 * What somebody changed or deleted without Terraform; traffic, versions and times move by themselves and are left out, and so
 * is what a newer provider adds of its own when it first reads a resource.
 */
export function driftMatters(plan: TerraformPlan): Matter[] {
  return (plan.resource_drift ?? []).flatMap(({ address, type, change }): Matter[] => {
    if (change.actions.includes('delete')) return [{ topic: 'deleted outside Terraform', now: address }];
    const paths = attributeChanges(change)
      .filter(
        ({ path, before, after }) =>
          !isVolatile(type, path) &&
          !(isEmpty(before) && isEmpty(after)) &&
          !(isClientSide(path) && isEmpty(before)),
      )
      .map(({ path }) => path);
    return paths.length === 0
      ? []
      : [{ topic: 'changed outside Terraform', now: `${address}: ${paths.join(', ')}` }];
  });
}

/** In no API: providers 7 and 8 write it into the state when they refresh what 6 has made (measured, 7.45 and the 8.0 line). */
const isClientSide = (path: string) => path === 'deletion_policy';
