import { instancesWithin, type Room } from '../capacity/room';
import { otherModels, relativeSpeed, type Speed } from '../capacity/speed';
import { instanceHour } from '../cost/cost';
import { otherSize, readySeconds, refusedBy } from '../cost/costEstimate';
import { COST_INPUTS } from '../cost/costInputs';
import { instanceSeconds } from '../cost/load';
import type { PriceList } from '../cost/prices';
import type { Deployment, Size } from '../deployment';
import { requestMore } from '../quota/quotaReport';
import type { Interval } from './interval';

/** How long the GPU takes for a batch and what it costs, one way to run the service. */
export interface ForecastRow {
  readonly what: string;
  readonly instances: number;
  /** From the start of the first instance to the last page. */
  readonly hours: Interval;
  /** Start and idle tail included; undefined where the region's prices are not known. */
  readonly usd?: Interval;
  /** What a reader has to know of this row. */
  readonly note?: string;
}

interface Way {
  readonly what: string;
  readonly instances: number;
  readonly size?: Size;
  /** Times as fast as deployed. */
  readonly faster?: number;
  readonly note?: string;
}

/**
 * Hours and USD for pages that the GPU has to read, as deployed and with what could be changed. Nobody else's pages are in
 * it, nor the tasks that send them.
 */
export function forecast(
  pages: Interval,
  deployment: Deployment,
  known: { readonly speed: Speed; readonly room: Room; readonly prices: PriceList },
): ForecastRow[] {
  const { region, size } = deployment;
  return ways(deployment, known.room).map(({ what, instances, size: changed = size, faster = 1, note }) => {
    const hour = instanceHour(region, changed, known.prices);
    const { pagesPerSecond, startSeconds } = known.speed;
    const speed = { ...known.speed, pagesPerSecond: pagesPerSecond * faster, startSeconds };
    const bill = (count: number) => billOf(count, instances, deployment, speed);
    const each = (of: (count: number) => number): Interval => ({
      value: of(pages.value),
      low: of(pages.low),
      high: of(pages.high),
    });
    return {
      what,
      instances,
      hours: each((count) => bill(count).seconds / 3600),
      ...(hour !== undefined && { usd: each((count) => (bill(count).billed / 3600) * hour) }),
      ...(note !== undefined && { note }),
    };
  });
}

/** Seconds to the last page, and seconds of instances that are billed: the same model as `cost`'s. */
function billOf(pages: number, instances: number, deployment: Deployment, speed: Speed) {
  if (pages === 0 || instances === 0) return { seconds: pages === 0 ? 0 : Infinity, billed: 0 };
  const secondsPerPage = 1 / speed.pagesPerSecond;
  const startSeconds = readySeconds(deployment.probe, speed.startSeconds);
  const idleSeconds = COST_INPUTS.idleSeconds.default;
  const { starting, reading, idle, starts } = instanceSeconds(
    [{ at: 0, pages }],
    {
      ...{ secondsPerPage, startSeconds, idleSeconds, maxInstances: instances },
      concurrency: deployment.scaling.concurrency,
      kept: { instances: 0, times: [] },
    },
    startSeconds + pages * secondsPerPage + idleSeconds + 1,
  );
  return { seconds: startSeconds + reading / starts, billed: starting + reading + idle };
}

function ways(deployment: Deployment, room: Room): Way[] {
  const { size, scaling, model, vllm } = deployment;
  const fits = instancesWithin(room, size);
  const deployed = Math.min(scaling.maxInstances, fits);
  const more = scaling.maxInstances + 2;
  const other = { ...size, ...otherSize(size) };
  const toRaise = `set scaling.maxInstances to`;
  return [
    {
      what: 'as deployed',
      instances: deployed,
      ...(fits < scaling.maxInstances && {
        note: `the quota holds ${fits} of the ${scaling.maxInstances} that it may have: ${requestMore(deployment, scaling.maxInstances)}`,
      }),
    },
    ...(fits > scaling.maxInstances
      ? [{ what: 'all that the quota holds', instances: fits, note: `${toRaise} ${fits}` }]
      : []),
    {
      what: 'two instances more',
      instances: more,
      note: `${toRaise} ${more}${more > fits ? `, over the quota: ${requestMore(deployment, more)}` : ''}`,
    },
    {
      what: `${other.cpu} vCPU, ${other.memoryGib} GiB`,
      instances: instancesWithin(room, other),
      size: other,
      note: [
        'as many as the quota holds, the same GPU; that pages are read as fast is assumed',
        ...refusals(deployment, { ...deployment, size: other }),
      ].join('; '),
    },
    ...otherModels(model.id).map((each) => ({
      what: each.id.split('/').at(-1)!,
      instances: deployed,
      faster: relativeSpeed(model.id, each, vllm.maxNumSeqs),
      note: [
        `olmOCR-bench ${each.olmOcrBench}; its speed is derived, not measured`,
        ...refusals(deployment, { ...deployment, model: { ...model, id: each.id } }),
      ].join('; '),
    })),
  ];
}

const refusals = (deployment: Deployment, changed: Deployment): string[] =>
  refusedBy(deployment, changed).map((code) => `the rules refuse it: ${code}`);
