import { hourlyCost, type HourlyCost, instanceHour } from './cost';
import type { CostInputs } from './costInputs';
import type { Deployment, Scaling, Size, StartupProbe } from '../deployment';
import { Failure } from '../failure';
import { GPU_KINDS } from '../gpus';
import {
  type InstanceSeconds,
  instanceSeconds,
  MONTH_SECONDS,
  monthOfBursts,
  type ServedBy,
  workingHours,
} from './load';
import type { PriceList } from './prices';
import { deploymentProblems } from '../rules';
import { counted } from '../words';

/** A month with the load, for one way to run the service. */
export interface CostRow {
  readonly what: string;
  /** USD. */
  readonly month: number;
  readonly perThousandPages: number;
  /** To the first row; 0 there. */
  readonly difference: number;
  readonly hours: { readonly starting: number; readonly reading: number; readonly idle: number };
  /** Bursts that waited for an instance, about: instances started in the month. */
  readonly coldStarts: number;
  /** What a reader has to know of this row. */
  readonly note?: string;
}

export interface CostEstimate {
  readonly deployment: string;
  readonly region: string;
  readonly asOf: string;
  readonly source: string;
  /** As the plan's review has it: the same function. */
  readonly hourly: HourlyCost;
  readonly pagesPerMonth: number;
  /** From the start of an instance until the probe lets pages in. */
  readonly readySeconds: number;
  /** USD of an instance for one burst that finds none: start and idle tail, without the pages. */
  readonly coldBurst: { readonly start: number; readonly tail: number };
  /** As deployed, then what would change it. */
  readonly rows: readonly CostRow[];
  /** USD a month beside the service. */
  readonly build: { readonly builds: number; readonly scans: number; readonly storage: number };
}

/** One before the push, by the build; one by the registry, when the image is there (`stacks/foundationStack.ts`). */
const SCANS_PER_IMAGE = 2;
const SMALL = { cpu: 4, memoryGib: 16 };
const LARGE = { cpu: 8, memoryGib: 32 };

/** When the probe first finds an engine that is up after so long: an initial delay is waited for, whatever the engine does. */
export function readySeconds(
  { initialDelaySeconds, periodSeconds }: StartupProbe,
  startSeconds: number,
): number {
  const probes = Math.ceil(Math.max(0, startSeconds - initialDelaySeconds) / periodSeconds);
  return initialDelaySeconds + probes * periodSeconds;
}

interface Variant {
  readonly what: string;
  readonly size?: Partial<Size>;
  readonly scaling?: Partial<Scaling>;
  /** One instance is kept in the hours of work. */
  readonly keptAtWork?: true;
  readonly note?: string;
}

/** The other of the two sizes that an instance is usually given. */
export const otherSize = ({ cpu, memoryGib }: Pick<Size, 'cpu' | 'memoryGib'>) =>
  cpu === SMALL.cpu && memoryGib === SMALL.memoryGib ? LARGE : SMALL;

function variants({ size, scaling }: Deployment): Variant[] {
  const other = otherSize(size);
  const [cpu, memory] = [`${other.cpu} vCPU`, `${other.memoryGib} GiB`];
  const sameSpeed = 'the GPU is the same; that pages are read as fast is assumed';
  const byHand = 'nothing here keeps it: somebody has to change min instances twice a day';
  return [
    { what: 'as deployed' },
    scaling.minInstances === 0
      ? { what: 'min instances 1', scaling: { minInstances: 1 } }
      : { what: 'min instances 0', scaling: { minInstances: 0 } },
    { what: `${cpu}, ${memory}`, size: other, note: sameSpeed },
    ...(scaling.minInstances === 0
      ? [{ what: 'one kept in working hours', keptAtWork: true as const, note: byHand }]
      : []),
  ];
}

/** Codes of rules that a variant breaks and the deployment does not. */
export function refusedBy(deployment: Deployment, changed: Deployment): string[] {
  const errors = (one: Deployment) =>
    deploymentProblems(one).flatMap(({ severity, code }) => (severity === 'error' ? [code] : []));
  const before = errors(deployment);
  return errors(changed).filter((code) => !before.includes(code));
}

const instanceSize = ({ cpu, memoryGib, zonalRedundancy, gpu }: Size) => ({
  ...{ cpu, memoryGib, zonalRedundancy, gpu },
});

function servedBy({ scaling, probe }: Deployment, inputs: CostInputs, keptAtWork: boolean): ServedBy {
  const { minInstances, maxInstances, concurrency } = scaling;
  return {
    secondsPerPage: 1 / inputs.pagesPerSecond,
    startSeconds: readySeconds(probe, inputs.startSeconds),
    idleSeconds: inputs.idleSeconds,
    concurrency,
    maxInstances,
    kept: keptAtWork
      ? { instances: 1, times: workingHours(inputs) }
      : { instances: minInstances, times: [[0, MONTH_SECONDS]] },
  };
}

/**
 * What a deployment costs with a load.
 * @throws Failure, exit code 2: `NO_PRICES` for a region that is not in the list, `LOAD_TOO_HIGH` for pages that cannot all be read.
 */
export function costEstimate(deployment: Deployment, inputs: CostInputs, prices: PriceList): CostEstimate {
  const { name, region, scaling, probe } = deployment;
  const hourOf = (size: Size) => instanceHour(region, instanceSize(size), prices)!;
  const hourly = hourlyCost(region, instanceSize(deployment.size), scaling, prices);
  if (hourly === undefined) throw noPrices(deployment, prices);
  const bursts = monthOfBursts(inputs);
  const pagesPerMonth = inputs.pagesPerDay * inputs.daysPerMonth;
  const ready = readySeconds(probe, inputs.startSeconds);

  const seconds = (of: Deployment, keptAtWork: boolean) =>
    instanceSeconds(bursts, servedBy(of, inputs, keptAtWork), MONTH_SECONDS);
  const deployed = seconds(deployment, false);
  if (deployed.unreadPages > 0) throw tooHigh(deployment, inputs, deployed);

  const monthOf = (size: Size, { starting, reading, idle }: InstanceSeconds) =>
    ((starting + reading + idle) / 3600) * hourOf(size);
  const base = monthOf(deployment.size, deployed);
  const rows = variants(deployment).map(({ what, size, scaling: change, keptAtWork, note }): CostRow => {
    const changed = {
      ...deployment,
      size: { ...deployment.size, ...size },
      scaling: { ...scaling, ...change },
    };
    const used = seconds(changed, keptAtWork === true);
    const month = monthOf(changed.size, used);
    const refused = refusedBy(deployment, changed);
    const notes = [...(note ? [note] : []), ...refused.map((code) => `the rules refuse it: ${code}`)];
    return {
      what,
      month,
      perThousandPages: (month / pagesPerMonth) * 1000,
      difference: month - base,
      hours: { starting: used.starting / 3600, reading: used.reading / 3600, idle: used.idle / 3600 },
      coldStarts: used.starts,
      ...(notes.length > 0 && { note: notes.join('; ') }),
    };
  });
  const { build } = prices;
  return {
    deployment: name,
    region,
    asOf: hourly.asOf,
    source: prices.source,
    hourly,
    pagesPerMonth,
    readySeconds: ready,
    coldBurst: {
      start: (ready / 3600) * hourOf(deployment.size),
      tail: (inputs.idleSeconds / 3600) * hourOf(deployment.size),
    },
    rows,
    build: {
      builds: inputs.buildsPerMonth * inputs.buildMinutes * build.buildMinute,
      scans: inputs.buildsPerMonth * SCANS_PER_IMAGE * build.imageScan,
      storage: inputs.storedGb * build.registryGbMonth,
    },
  };
}

function noPrices({ name, region, size }: Deployment, { regions }: PriceList): Failure {
  const having = Object.keys(regions).filter((each) => regions[each]?.gpus[size.gpu] !== undefined);
  return new Failure({
    code: 'NO_PRICES',
    message: `What an ${GPU_KINDS[size.gpu].name} costs in ${region} is not in the price table; it has ${having.join(', ') || 'no region for it'}.`,
    where: `deployments/${name}.yaml region`,
    got: region,
    remedy: `write the region's prices from https://cloud.google.com/run/pricing into a file (docs/gpu-service-cost.md shows its form) and name it: bin/lightonocr cost ${name} --prices FILE`,
    exitCode: 2,
  });
}

function tooHigh(
  { name, scaling }: Deployment,
  inputs: CostInputs,
  { unreadPages }: InstanceSeconds,
): Failure {
  const most = Math.floor(scaling.maxInstances * inputs.pagesPerSecond * 86_400);
  return new Failure({
    code: 'LOAD_TOO_HIGH',
    message: `${Math.ceil(unreadPages)} pages of the month are never read: ${counted(scaling.maxInstances, 'instance')} ${scaling.maxInstances === 1 ? 'reads' : 'read'} at most ${most} a day.`,
    where: `deployments/${name}.yaml scaling.maxInstances`,
    got: `--pages-per-day ${inputs.pagesPerDay}, --pages-per-second ${inputs.pagesPerSecond}`,
    remedy: `raise scaling.maxInstances, or ask with fewer pages; what fits: bin/lightonocr quota ${name}`,
    exitCode: 2,
  });
}
