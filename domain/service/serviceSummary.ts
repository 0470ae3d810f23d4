import { hourlyCost, type HourlyCost } from '../cost/cost';
import { SERVICE_TYPE, type TerraformPlan } from '../plan/plan';
import { SHA_LABEL } from '../template';

/** What a reviewer asks of a service, read from Terraform's values; undefined where the plan does not know it. */
export interface ServiceSummary {
  readonly image?: string;
  readonly sha?: string;
  readonly revision?: string;
  readonly size?: string;
  readonly scaling?: string;
  readonly concurrency?: string;
  readonly probe?: string;
  readonly access?: string;
  readonly cost?: HourlyCost;
}

type Values = Readonly<Record<string, unknown>>;

/** First element of a block list, or the block itself. */
const block = (value: unknown): Values => {
  const found: unknown = Array.isArray(value) ? value[0] : value;
  return found !== null && typeof found === 'object' ? (found as Values) : {};
};
const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;

/** The service before and after a plan; both undefined in a plan without one. */
export function serviceSummaries(plan: TerraformPlan): { before?: ServiceSummary; after?: ServiceSummary } {
  const change = plan.resource_changes?.find(({ type }) => type === SERVICE_TYPE)?.change;
  if (change === undefined) return {};
  return {
    ...(change.before ? { before: summary(block(change.before)) } : {}),
    ...(change.after ? { after: summary(block(change.after)) } : {}),
  };
}

function summary(service: Values): ServiceSummary {
  const template = block(service.template);
  const container = block(template.containers);
  const limits = block(block(container.resources).limits);
  const scaling = block(template.scaling);
  const instance = {
    cpu: Number(limits.cpu),
    memoryGib: gib(text(limits.memory) ?? ''),
    gpu: Number(limits['nvidia.com/gpu'] ?? 0) > 0,
    zonalRedundancy: template.gpu_zonal_redundancy_disabled !== true,
  };
  const range = {
    minInstances: Number(scaling.min_instance_count ?? 0),
    maxInstances: Number(scaling.max_instance_count),
  };
  const known = [instance.cpu, instance.memoryGib, range.minInstances, range.maxInstances].every(
    Number.isFinite,
  );
  const cost = known ? hourlyCost(text(service.location) ?? '', instance, range) : undefined;
  const found = {
    image: text(container.image),
    sha: text(block(template.labels)[SHA_LABEL]),
    revision: text(template.revision),
    size: `${text(limits.cpu) ?? '?'} vCPU, ${text(limits.memory) ?? '?'}, ${text(limits['nvidia.com/gpu']) ?? '0'} GPU`,
    scaling: `${text(scaling.min_instance_count) ?? '0'} to ${text(scaling.max_instance_count) ?? '?'} instances`,
    concurrency: text(template.max_instance_request_concurrency),
    probe: probe(block(container.startup_probe)),
    access: [
      text(service.ingress),
      service.invoker_iam_disabled === true ? 'ANYONE MAY CALL IT: IAM is off' : 'callers by IAM',
      ...(service.deletion_protection === false ? ['no deletion protection'] : []),
    ]
      .filter(Boolean)
      .join(', '),
    cost,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** `32Gi`, `512Mi`; NaN for anything else. */
function gib(memory: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(Gi|Mi)$/.exec(memory) ?? [];
  return Number(amount) / (unit === 'Mi' ? 1024 : 1);
}

function probe(startup: Values): string | undefined {
  const http = block(startup.http_get);
  const kind = http.path === undefined ? 'TCP' : `HTTP ${text(http.path)}`;
  const [delay, period, threshold] = [
    startup.initial_delay_seconds ?? 0,
    startup.period_seconds,
    startup.failure_threshold,
  ].map(text);
  if (period === undefined) return undefined;
  return `${kind}, after ${delay} s every ${period} s, ${threshold} times`;
}
