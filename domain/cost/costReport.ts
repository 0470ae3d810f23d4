import { usd } from './cost';
import type { CostEstimate, CostRow } from './costEstimate';
import type { Assumption } from './costInputs';
import { MONTH_SECONDS } from './load';
import { table } from '../table';
import { counted } from '../words';

const signed = (amount: number): string => (amount < 0 ? `-${usd(-amount)}` : `+${usd(amount)}`);

function cells({ what, month, perThousandPages, difference, coldStarts, hours }: CostRow): string[] {
  const spent = [hours.starting, hours.reading, hours.idle].map((amount) => amount.toFixed(1));
  const first = difference === 0 ? '' : signed(difference);
  return [what, usd(perThousandPages), usd(month), first, String(coldStarts), ...spent];
}

/**
 * An estimate for a person: per hour, per month, what would change it, and what all of it leans on.
 * @param width columns that its table may take; default: no limit.
 */
export function costReport(estimate: CostEstimate, assumed: readonly Assumption[], width?: number): string {
  const { hourly, rows, build, coldBurst } = estimate;
  const instances = counted(hourly.maxInstances, 'instance');
  const beside = build.builds + build.scans + build.storage;
  const head = [
    '',
    'USD per 1,000 pages',
    'per month',
    'change',
    'starts',
    'h starting',
    'h reading',
    'h idle',
  ];
  const notes = rows.flatMap(({ what, note }) => (note === undefined ? [] : [`${what}: ${note}`]));
  const sections = [
    [`${estimate.deployment} in ${estimate.region}, USD, prices of ${estimate.asOf} (${estimate.source})`],
    [
      `per hour: ${usd(hourly.idle)} at zero, ${usd(hourly.oneInstance)} with one instance, ${usd(hourly.full)} at ${instances}`,
      `a burst that finds no instance: ${usd(coldBurst.start)} for ${estimate.readySeconds} s of start, ${usd(coldBurst.tail)} for the idle tail`,
    ],
    [...table(`${estimate.pagesPerMonth} pages per month`, head, rows.map(cells), width).slice(1), ...notes],
    [
      `beside the service, per month: ${usd(beside)} (builds ${usd(build.builds)}, scans ${usd(build.scans)}, registry ${usd(build.storage)})`,
      `all, as deployed: ${usd(rows[0]!.month + beside)}; without any page: ${usd((hourly.idle * MONTH_SECONDS) / 3600 + beside)}`,
      'not in it: logs, metrics, buckets, traffic out of the region, free tiers, discounts',
    ],
    assumed.length === 0
      ? []
      : [
          'assumed:',
          ...assumed.map(({ flag, value, means, grade }) => `  ${flag} ${value}: ${means} (${grade})`),
        ],
  ];
  return sections.flatMap((lines) => (lines.length > 0 ? [lines.join('\n')] : [])).join('\n\n');
}
