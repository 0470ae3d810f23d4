import { CLUSTER_HOUR } from '../domain/capacity/gke';
import { type CapacityPlan, WORTH_A_CLUSTER } from '../domain/capacity/plan';
import { usd } from '../domain/cost/cost';
import type { Deployment } from '../domain/deployment';
import { GPU_KINDS } from '../domain/gpus';
import { requestMore } from '../domain/quota/quotaReport';
import { counted, duration } from '../domain/words';
import { table } from './table';

const whole = (value: number) => value.toLocaleString('en-US');

/** The answer for a person: how many instances, where they can run, what each choice makes of the pages, and what it leans on. */
export function capacityText(deployment: Deployment, plan: CapacityPlan): string {
  const { question, needed, quota, rows, room, speed } = plan;
  const { pages, deadlineSeconds, arrivalSeconds, hoursPerDay } = question;
  const come =
    arrivalSeconds === 0
      ? 'all there at once'
      : `that come over ${duration(arrivalSeconds)}${hoursPerDay === 24 ? '' : `, ${hoursPerDay} hours a day`}`;
  const gpu = GPU_KINDS[deployment.size.gpu].name;
  return [
    `${whole(pages)} pages, ${come}, within ${duration(deadlineSeconds)}: ${counted(needed, 'instance')}, ${quota.gpus} ${gpu}, ${quota.vcpu} vCPU, ${quota.memoryGib} GiB.`,
    whereText(deployment, plan),
    ...table(
      'What becomes of the pages',
      ['', 'instances', 'done after', 'late', 'p95 wait', 'starts', 'USD'],
      rows.map((row) => [
        row.what,
        String(row.instances),
        duration(row.doneSeconds),
        whole(row.late),
        arrivalSeconds === 0 ? '-' : duration(row.waitP95Seconds),
        String(row.coldStarts),
        row.usd === undefined ? 'not known' : usd(row.usd),
      ]),
    ),
    '',
    ...engineText(plan),
    '',
    `quota: ${room.gpus} ${gpu}, ${room.vcpu} vCPU, ${room.memoryGib} GiB (${room.source}); a release runs a candidate beside it`,
    `speed: ${speed.source}`,
    'simulated page by page, pages of random length; what it leaves out: docs/capacity.md',
  ].join('\n');
}

function whereText({ name, region, scaling }: Deployment, plan: CapacityPlan): string {
  const { place, needed, regions, othersKnown } = plan;
  const each = regions.map((one) => `${one.region} ${one.instances}`).join(', ');
  if (place === 'deployed')
    return `The deployment has them: scaling.maxInstances is ${scaling.maxInstances}.`;
  if (place === 'here') return `The quota in ${region} holds them: set scaling.maxInstances to ${needed}.`;
  const ask = requestMore({ name }, needed);
  if (place === 'regions')
    return (
      `${region} alone does not hold them; several regions do: ${each}. Each is a deployment of its own (bin/lightonocr init NAME) ` +
      `behind one load balancer (docs/capacity.md). Or ask for more in one: ${ask}`
    );
  const held = regions.reduce((sum, { instances }) => sum + instances, 0);
  const whose = othersKnown
    ? `all regions together holds ${held} of them (${each})`
    : `${region} holds ${held} of them`;
  return (
    `The quota of ${whose}. Ask for more: ${ask}; ` +
    'or take nodes of GKE, whose GPUs come from another quota (docs/capacity.md).'
  );
}

function engineText({ gke, needed, rows }: CapacityPlan): string[] {
  if (gke === undefined) return ['GKE: what a node costs there is not known here'];
  const here = rows.at(-1)!.usd!;
  const nodes = `${counted(needed, `${gke.machine} node`)} until the last page, and ${usd(CLUSTER_HOUR)} an hour for the cluster`;
  const month =
    gke.savedPerMonth > 0
      ? `saves ${usd(gke.savedPerMonth)} in a month of nothing but this`
      : `costs ${usd(-gke.savedPerMonth)} more in a month of nothing but this`;
  return [
    `GKE [?]: ${usd(gke.usd)} against ${usd(here)} (${nodes}); ${month}`,
    gke.isWorthIt
      ? 'Once or now and then: Cloud Run. All month, every month: GKE with a vLLM stack that exists (docs/capacity.md).'
      : `Cloud Run is the right engine: less than ${WORTH_A_CLUSTER} USD a month do not pay for a cluster's keeping.`,
  ];
}
