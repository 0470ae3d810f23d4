import { DEFAULT_GPU, GPU_KINDS, isGpuId } from '../../../domain/gpus';
import type { LiveProbe } from '../../../domain/service/liveTemplate';
import { LATEST, type TrafficTarget } from '../../../domain/releases/traffic';
import { invalid } from '../googleError';
import { containerPort, mainContainer, type ServiceSpec, type Template, usesGpu } from './resources';
import { checkScaling } from './scaling';

/** DNS's limit, for a revision's name and for `TAG---SERVICE`. */
const MAX_NAME_LENGTH = 63;
/** https://cloud.google.com/run/docs/configuring/healthchecks */
const MAX_PROBE_SECONDS = 240;

/** What Cloud Run refuses before it does anything. Throws 400 INVALID_ARGUMENT naming the field. */
export function checkService(
  service: string,
  spec: ServiceSpec,
  isRevision: (name: string) => boolean,
): void {
  checkTemplate(service, spec.template);
  checkTraffic(service, spec.traffic, isRevision);
  checkScaling(spec);
}

function checkTemplate(service: string, template: Template): void {
  const { revision } = template;
  if (revision && !new RegExp(`^${service}-[a-z0-9]([-a-z0-9]*[a-z0-9])?$`).test(revision)) {
    throw invalid(
      `template.revision: "${revision}" must start with "${service}-" and be lower-case letters, digits and hyphens.`,
    );
  }
  if (revision && revision.length > MAX_NAME_LENGTH) {
    throw invalid(`template.revision: "${revision}" is longer than ${MAX_NAME_LENGTH} characters.`);
  }
  if (template.containers?.length !== 1) {
    throw invalid(
      `template.containers: the local cloud runs exactly one container, got ${template.containers?.length ?? 0}.`,
    );
  }
  const container = mainContainer(template);
  if (!container.image) throw invalid('template.containers[0].image: must be set.');
  checkProbe(container.startupProbe, containerPort(container));
  const limits = container.resources?.limits ?? {};
  if (!usesGpu(template)) return;
  const accelerator = template.nodeSelector?.accelerator ?? DEFAULT_GPU.id;
  if (!isGpuId(accelerator))
    throw invalid(`template.node_selector.accelerator: "${accelerator}" is not supported.`);
  const { cpus: shapes, memoryGibRange } = GPU_KINDS[accelerator];
  if (cpus(limits.cpu) < shapes[0]! || gibibytes(limits.memory) < memoryGibRange.least) {
    throw invalid(
      `template.containers[0].resources.limits: a GPU needs at least ${shapes[0]} CPU and ${memoryGibRange.least}Gi memory, got cpu=${limits.cpu} memory=${limits.memory}.`,
    );
  }
  if (!template.nodeSelector?.accelerator)
    throw invalid('template.node_selector.accelerator: must be set with a GPU.');
}

function checkProbe(probe: LiveProbe | undefined, port: number): void {
  if (!probe) return;
  const where = 'template.containers[0].startup_probe';
  const { initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10 } = probe;
  for (const [name, seconds] of Object.entries({ initialDelaySeconds, timeoutSeconds, periodSeconds })) {
    if (seconds < 0 || seconds > MAX_PROBE_SECONDS) {
      throw invalid(`${where}.${name}: must be between 0 and ${MAX_PROBE_SECONDS}, got ${seconds}.`);
    }
  }
  if (timeoutSeconds > periodSeconds) {
    throw invalid(
      `${where}.timeoutSeconds: ${timeoutSeconds} is longer than periodSeconds, ${periodSeconds}.`,
    );
  }
  const probed = probe.httpGet?.port ?? probe.tcpSocket?.port ?? port;
  if (probed !== port) throw invalid(`${where}: probes port ${probed}, the container listens on ${port}.`);
}

/** `4`, `4000m`. */
const cpus = (limit = '1') => (limit.endsWith('m') ? parseInt(limit) / 1000 : Number(limit));

/** `16Gi`, `16384Mi`. */
function gibibytes(limit = '512Mi'): number {
  return limit.endsWith('Mi') ? parseInt(limit) / 1024 : parseInt(limit);
}

function checkTraffic(
  service: string,
  traffic: readonly TrafficTarget[],
  isRevision: (name: string) => boolean,
): void {
  const tags = new Set<string>();
  traffic.forEach(({ type, revision, percent = 0, tag }, index) => {
    const where = `traffic[${index}]`;
    if (percent < 0 || percent > 100)
      throw invalid(`${where}.percent: must be between 0 and 100, got ${percent}.`);
    if (type === LATEST ? revision : !revision) {
      throw invalid(`${where}.revision: must be set, or the type must be ${LATEST} and it must not.`);
    }
    if (revision && !isRevision(revision)) {
      throw invalid(`${where}.revision: Revision '${revision}' of service '${service}' does not exist.`);
    }
    if (tag === undefined) return;
    if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(tag) || `${tag}---${service}`.length > MAX_NAME_LENGTH) {
      throw invalid(
        `${where}.tag: "${tag}" is no tag of at most ${MAX_NAME_LENGTH} characters together with the service's name.`,
      );
    }
    if (tags.has(tag)) throw invalid(`${where}.tag: "${tag}" is used twice.`);
    tags.add(tag);
  });
  const total = traffic.reduce((sum, { percent = 0 }) => sum + percent, 0);
  if (total !== 100) throw invalid(`traffic: percents must add up to 100, got ${total}.`);
}
