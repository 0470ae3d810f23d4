import { hourlyCost, type HourlyCost } from '../cost/cost';
import { DEFAULT_GPU, isGpuId } from '../gpus';
import { SENSITIVE, SERVICE_TYPE, type TerraformPlan } from '../plan/plan';
import { secretWords } from '../plan/unmarkedSecrets';
import { at, block, blocks, text, type Values } from '../plan/values';
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
  /** E-mail that it runs as. */
  readonly account?: string;
  /** What is started in the place of the image's own entrypoint; absent where nothing is. */
  readonly command?: string;
  /** Absent where there is but one. */
  readonly containers?: string;
  /** Absent without one of somebody's own. */
  readonly network?: string;
  readonly maxInstances?: number;
  readonly cost?: HourlyCost;
  /** Region without a price in the table; then there is no `cost`. */
  readonly unpricedRegion?: string;
}

/** The service before and after a plan; both undefined in a plan without one. */
export function serviceSummaries(plan: TerraformPlan): { before?: ServiceSummary; after?: ServiceSummary } {
  const change = plan.resource_changes?.find(({ type }) => type === SERVICE_TYPE)?.change;
  if (change === undefined) return {};
  return {
    ...(change.before ? { before: summary(block(change.before)) } : {}),
    ...(change.after ? { after: summary(block(change.after)) } : {}),
  };
}

/** What Cloud Run takes where none is named; an editor of the whole project in many projects. */
const DEFAULT_ACCOUNT = 'the default account of Compute Engine';

function summary(service: Values): ServiceSummary {
  const template = block(service.template);
  const containers = blocks(template.containers);
  const [container = {}] = containers;
  const limits = block(block(container.resources).limits);
  const scaling = block(template.scaling);
  const accelerator = text(block(template.node_selector).accelerator) ?? DEFAULT_GPU.id;
  const hasGpu = Number(limits['nvidia.com/gpu'] ?? 0) > 0;
  const instance = {
    cpu: Number(limits.cpu),
    memoryGib: gib(text(limits.memory) ?? ''),
    ...(hasGpu && isGpuId(accelerator) && { gpu: accelerator }),
    zonalRedundancy: template.gpu_zonal_redundancy_disabled !== true,
  };
  const range = {
    minInstances: Number(scaling.min_instance_count ?? 0),
    maxInstances: Number(scaling.max_instance_count),
  };
  const isPriced = !hasGpu || isGpuId(accelerator);
  const known = [instance.cpu, instance.memoryGib, range.minInstances, range.maxInstances].every(
    Number.isFinite,
  );
  const region = text(service.location);
  const cost = known && isPriced && region !== undefined ? hourlyCost(region, instance, range) : undefined;
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
    account:
      template.service_account === null || template.service_account === ''
        ? DEFAULT_ACCOUNT
        : text(template.service_account),
    command: command(container),
    containers:
      containers.length > 1
        ? `${containers.length}: ${containers.map(({ image }) => text(image) ?? '?').join(', ')}`
        : undefined,
    network: network(block(template.vpc_access)),
    maxInstances: Number.isFinite(range.maxInstances) ? range.maxInstances : undefined,
    cost,
    unpricedRegion: known && cost === undefined ? region : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function command({ command: words }: Values): string | undefined {
  if (!Array.isArray(words) || words.length === 0) return undefined;
  const secret = secretWords(words);
  return words
    .map((word, index) => (at(secret, `${index}`) === true ? SENSITIVE : (text(word) ?? '?')))
    .join(' ');
}

function network(vpc: Values): string | undefined {
  const parts = [
    vpc.connector,
    ...blocks(vpc.network_interfaces).flatMap((one) => [one.network, one.subnetwork]),
    vpc.egress,
  ];
  const named = parts.map(text).filter(Boolean);
  return named.length > 0 ? named.join(', ') : undefined;
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
