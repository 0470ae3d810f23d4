import { instanceHour } from '../cost/cost';
import { readySeconds } from '../cost/costEstimate';
import { COST_INPUTS } from '../cost/costInputs';
import { MONTH_SECONDS } from '../cost/load';
import type { PriceList } from '../cost/prices';
import type { Deployment } from '../deployment';
import { Failure } from '../failure';
import { requestMore } from '../quota/quotaReport';
import { random } from '../random';
import { duration } from '../words';
import { arrivalTimes } from './arrivals';
import { CLUSTER_HOUR, gkeNode } from './gke';
import type { CapacityQuestion } from './question';
import { instancesWithin, type Room } from './room';
import { smallest } from './search';
import { simulate } from './simulate';
import type { Speed } from './speed';

/** So many instances, and what becomes of the pages. */
export interface CapacityRow {
  readonly what: string;
  readonly instances: number;
  /** When the last page is read, from now. */
  readonly doneSeconds: number;
  /** Pages that are read after the deadline. */
  readonly late: number;
  /** Pages that waited longer than 19 of 20, seconds; of pages that are all there at once it says little. */
  readonly waitP95Seconds: number;
  readonly coldStarts: number;
  /** Undefined where the region's prices are not known. */
  readonly usd?: number;
}

/** A region that has the GPU, and the instances that fit its quota. */
export interface RegionRoom {
  readonly region: string;
  readonly instances: number;
}

/**
 * Where the instances for the deadline can run: `deployed` as it is, `here` with a larger `scaling.maxInstances`, in several
 * `regions`, or `beyond` the quota of all of them.
 */
export type CapacityPlace = 'deployed' | 'here' | 'regions' | 'beyond';

export interface CapacityPlan {
  readonly question: CapacityQuestion;
  /** For the deadline. */
  readonly needed: number;
  /** The quota that these take; a release runs as many again beside them. */
  readonly quota: { readonly gpus: number; readonly vcpu: number; readonly memoryGib: number };
  readonly place: CapacityPlace;
  /** The regions that hold them, own one first, as far as they do. */
  readonly regions: readonly RegionRoom[];
  /** False where nobody could be asked about the others. */
  readonly othersKnown: boolean;
  readonly rows: readonly CapacityRow[];
  /** The same on nodes that are there for the whole time; undefined where no price is known. */
  readonly gke?: GkeComparison;
  readonly room: Room;
  readonly speed: Speed;
}

/** Google Kubernetes Engine, with a node for each instance until the last page is read. */
export interface GkeComparison {
  readonly machine: string;
  readonly usd: number;
  /** Less than Cloud Run in a month of nothing but this; negative where it is more. */
  readonly savedPerMonth: number;
  /** It is worth a cluster. */
  readonly isWorthIt: boolean;
}

/** Of a month, USD. An own choice: less does not pay for the hours of whoever looks after a cluster. */
export const WORTH_A_CLUSTER = 1000;
/** Instances that are tried; far over any quota that is granted. */
const MOST_INSTANCES = 10_000;
/** The same question has the same answer. */
const SEED = 1975;
/** More pages than these are simulated in bunches that one slot reads in a row. */
const MOST_EVENTS = 250_000;

export interface KnownOfService {
  readonly speed: Speed;
  readonly room: Room;
  readonly prices: PriceList;
  /** Regions beside the deployment's own; undefined where nobody could be asked. */
  readonly others?: readonly RegionRoom[];
}

/**
 * Instances, quota and money for a deadline, by simulation (`simulate`): pages of random length, exponential as M/M/c has it.
 * @throws Failure `NO_GPU_QUOTA`, `DEADLINE_TOO_SOON` (2).
 */
export function capacityPlan(
  deployment: Deployment,
  question: CapacityQuestion,
  known: KnownOfService,
): CapacityPlan {
  const { size, scaling, region, name } = deployment;
  const { room, others = [] } = known;
  const here = instancesWithin(room, size);
  if (here === 0) throw noQuota(deployment, room);
  const run = simulation(deployment, question, known);
  const work = question.pages / known.speed.pagesPerSecond;
  const most = Math.min(MOST_INSTANCES, Math.ceil(question.pages / scaling.concurrency));
  const least = Math.min(most, Math.max(1, Math.ceil(work / question.deadlineSeconds)));
  const needed = smallest(least, most, (instances) => run('', instances).late === 0);
  if (needed === undefined) throw tooSoon(name, question, run('', most));
  const deployed = Math.min(scaling.maxInstances, here);
  const rows = [
    ...(needed === deployed ? [] : [run('as deployed', deployed)]),
    ...([needed, deployed].includes(here) ? [] : [run('all that the quota holds', here)]),
    run('for the deadline', needed),
  ];
  const regions = spread(needed, [{ region, instances: here }, ...others]);
  const all = regions.reduce((sum, { instances }) => sum + instances, 0);
  const place =
    needed <= deployed ? 'deployed' : needed <= here ? 'here' : needed <= all ? 'regions' : 'beyond';
  const gke = onGke(deployment, needed, rows.at(-1)!);
  return {
    question,
    needed,
    quota: { gpus: needed, vcpu: needed * size.cpu, memoryGib: needed * size.memoryGib },
    place,
    regions,
    othersKnown: known.others !== undefined,
    rows,
    ...(gke && { gke }),
    room,
    speed: known.speed,
  };
}

/** A function from instances to what becomes of the pages; the pages are the same each time. */
function simulation(deployment: Deployment, question: CapacityQuestion, { speed, prices }: KnownOfService) {
  const { size, scaling, vllm, probe, region } = deployment;
  const bunch = Math.ceil(question.pages / MOST_EVENTS);
  const slots = Math.min(scaling.concurrency, vllm.maxNumSeqs);
  const hour = instanceHour(region, size, prices);
  const known = new Map<number, CapacityRow>();
  const arrivals = arrivalTimes(
    { ...question, pages: Math.ceil(question.pages / bunch), seconds: question.arrivalSeconds },
    random(SEED),
  );
  return (what: string, instances: number): CapacityRow => {
    const found = known.get(instances);
    if (found) return { ...found, what };
    const source = random(SEED + 1);
    const mean = slots / speed.pagesPerSecond;
    const readingSeconds = () => {
      let seconds = 0;
      for (let page = 0; page < bunch; page++) seconds -= mean * Math.log(1 - source());
      return seconds;
    };
    const service = {
      ...{ slots, concurrency: scaling.concurrency },
      startSeconds: readySeconds(probe, speed.startSeconds),
      idleSeconds: COST_INPUTS.idleSeconds.default,
      minInstances: Math.min(scaling.minInstances, instances),
      maxInstances: instances,
    };
    const { doneAt, late, wait, starts, seconds } = simulate(
      arrivals,
      readingSeconds,
      service,
      question.deadlineSeconds,
    );
    const billed = seconds.starting + seconds.reading + seconds.idle;
    const row = {
      ...{ what, instances },
      doneSeconds: doneAt,
      late: Math.min(question.pages, late * bunch),
      waitP95Seconds: wait.p95,
      coldStarts: starts,
      ...(hour !== undefined && { usd: (billed / 3600) * hour }),
    };
    known.set(instances, row);
    return row;
  };
}

/** Regions until they hold so many, in their order, each with what it takes. */
function spread(needed: number, regions: readonly RegionRoom[]): RegionRoom[] {
  const taken: RegionRoom[] = [];
  let left = needed;
  for (const { region, instances } of regions) {
    if (left === 0 || instances === 0) continue;
    taken.push({ region, instances: Math.min(left, instances) });
    left -= Math.min(left, instances);
  }
  return taken;
}

function onGke(
  { region, size }: Deployment,
  nodes: number,
  { usd, doneSeconds }: CapacityRow,
): GkeComparison | undefined {
  const node = gkeNode(region, size);
  if (node === undefined || usd === undefined) return undefined;
  const onNodes = (doneSeconds / 3600) * (nodes * node.hour + CLUSTER_HOUR);
  const savedPerMonth = ((usd - onNodes) * MONTH_SECONDS) / doneSeconds;
  return {
    machine: node.machine,
    usd: onNodes,
    savedPerMonth,
    isWorthIt: savedPerMonth >= WORTH_A_CLUSTER,
  };
}

function noQuota({ name, size, region }: Deployment, room: Room): Failure {
  return new Failure({
    code: 'NO_GPU_QUOTA',
    message: `Not one instance fits the quota in ${region}: it takes 1 GPU, ${size.cpu} vCPU and ${size.memoryGib} GiB.`,
    where: room.source,
    got: `${room.gpus} GPU, ${room.vcpu} vCPU, ${room.memoryGib} GiB`,
    remedy: `ask for more: ${requestMore({ name })}; or look at the other regions: bin/lightonocr quota ${name} --all-regions`,
    exitCode: 2,
  });
}

function tooSoon(
  name: string,
  { pages, deadlineSeconds }: CapacityQuestion,
  { instances, doneSeconds }: CapacityRow,
): Failure {
  return new Failure({
    code: 'DEADLINE_TOO_SOON',
    message: `No number of instances reads ${pages} pages in ${duration(deadlineSeconds)}: with ${instances} the last one is read after ${duration(doneSeconds)}.`,
    where: '--deadline',
    got: duration(deadlineSeconds),
    remedy: `name a later one: bin/lightonocr capacity ${name} --pages ${pages} --deadline ${Math.ceil(doneSeconds / 60)}m`,
    exitCode: 2,
  });
}
