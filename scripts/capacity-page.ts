import { loadDeployment } from '../deployments/load';
import { capacityPlan, type CapacityPlace } from '../domain/capacity/plan';
import { capacityQuestion } from '../domain/capacity/question';
import { instancesWithin } from '../domain/capacity/room';
import { ASSUMED_SPEED } from '../domain/capacity/speed';
import { usd } from '../domain/cost/cost';
import { PRICES } from '../domain/cost/prices';
import { GPU_KINDS } from '../domain/gpus';
import { duration } from '../domain/words';
import { generatedPage, markdownCode as code, markdownTable } from './generated';

/** From one letter box to an archive; options of the command. */
const CASES: readonly (readonly [pages: string, deadline: string, arrival?: string, hours?: string])[] = [
  ['1000', '1h'],
  ['20000', '3d', '2d', '8'],
  ['100000', '1d'],
  ['200000', '7d', '6d'],
  ['1000000', '7d'],
  ['2000000', '7d'],
  ['2000000', '1d'],
];
const PLACES: Readonly<Record<CapacityPlace, string>> = {
  deployed: 'as deployed',
  here: 'one region, `scaling.maxInstances` raised',
  regions: 'several regions',
  beyond: 'more quota, or GKE',
};

/** `small`, in a new project: its quota here and in each other region that needs no invitation, nothing measured. */
function figures(): string {
  const deployment = loadDeployment('small');
  const { size, quota, region } = deployment;
  const instances = instancesWithin(quota, size);
  const others = GPU_KINDS[size.gpu].regions
    .filter((one) => one.region !== region && !one.byInvitation)
    .map((one) => ({ region: one.region, instances }));
  const room = { ...quota, source: 'deployments/small.yaml' };
  const rows = CASES.map(([pages, deadline, arrival, hours]) => {
    const question = capacityQuestion({ pages, deadline, arrival, hours }, new Date(0));
    const plan = capacityPlan(deployment, question, { speed: ASSUMED_SPEED, room, prices: PRICES, others });
    const row = plan.rows.at(-1)!;
    const flags = [
      `--pages ${pages} --deadline ${deadline}`,
      arrival && `--arrival ${arrival}`,
      hours && `--hours ${hours}`,
    ];
    return [
      code(flags.filter(Boolean).join(' ')),
      String(plan.needed),
      PLACES[plan.place],
      duration(row.doneSeconds),
      usd(row.usd!),
      usd(plan.gke!.usd),
      plan.gke!.savedPerMonth.toFixed(0),
      plan.gke!.isWorthIt ? 'GKE, if it is all month' : 'Cloud Run',
    ];
  });
  const head = ['asked', 'instances', 'where', 'done after', 'USD', 'USD on GKE', 'saved a month', 'engine'];
  return markdownTable(head, rows);
}

export const capacityPage = generatedPage('capacity.md', 'domain/capacity/plan.ts', figures);
