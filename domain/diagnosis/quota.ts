import { GPU_KINDS } from '../gpus';
import type { Deployment } from '../deployment';
import type { QuotaFinding } from '../quota/quota';
import { notRaised, requestMore } from '../quota/quotaReport';
import { counted } from '../words';
import { conditionsWith, matchesIn, type Pattern, shown } from './evidence';
import { passesRules } from './smallerSettings';
import type { Case, Evidence, Remedy, Symptoms } from './symptoms';

const QUOTA: Pattern = {
  words: /Quota exceeded for total allowable count of GPUs per project per region\.?/,
  source: 'https://cloud.google.com/run/docs/troubleshooting; condition of a revision',
};
const NO_INSTANCE: Pattern = {
  words: /The request was aborted because there was no available instance\.?/,
  source: 'https://cloud.google.com/run/docs/troubleshooting, 429 and 500; the request log',
};

/** The guide's "Quota Exceeded": Cloud Run has no GPU left for another instance. */
export const quota: Case = (symptoms) => {
  const { deployment, service, revisions, lines } = symptoms;
  const told = [
    ...revisions.flatMap((revision) => conditionsWith(revision.name, revision.conditions, [QUOTA])),
    ...revisions.flatMap((revision) => shown(matchesIn(lines, revision, QUOTA))),
  ];
  const ofService = conditionsWith('the service', service?.conditions ?? [], [QUOTA]);
  const blocking = symptoms.quota.filter(({ verdict }) => verdict === 'blocks');
  const evidence = [...told, ...(told.length > 0 ? [] : ofService), ...blocking.map(quotaEvidence)];
  if (evidence.length === 0) return [];
  const named = told.length > 0 || ofService.length > 0;
  const throttled = waited(symptoms);
  return [
    {
      id: 'quota',
      guide: 'Quota Exceeded',
      what: named
        ? `The project has no ${GPU_KINDS[deployment.size.gpu].name} left in ${deployment.region}.`
        : `The quota of ${deployment.region} does not hold ${counted(deployment.scaling.maxInstances, 'instance')} of this size.`,
      certainty: named ? 'named' : throttled.length > 0 ? 'inferred' : 'setting',
      because: named
        ? 'Cloud Run says so.'
        : throttled.length > 0
          ? 'requests waited for an instance in vain, and the quota is too small.'
          : 'the Cloud Quotas API says less than the deployment may ask for.',
      evidence: [...evidence, ...throttled],
      remedies: quotaRemedies(symptoms, blocking),
    },
  ];
};

const quotaEvidence = ({ quota: { id, unit }, limit, largest }: QuotaFinding): Evidence => ({
  where: id,
  text: `${limit} ${unit}, and the deployment may ask for ${largest}`,
});

const waited = ({ revisions, lines }: Symptoms): Evidence[] =>
  revisions.flatMap((revision) => shown(matchesIn(lines, revision, NO_INSTANCE)));

function quotaRemedies(
  { deployment, quota: findings }: Symptoms,
  blocking: readonly QuotaFinding[],
): Remedy[] {
  const gpuQuotas = findings.filter(
    ({ quota: { of }, verdict }) => of === 'gpus' && verdict !== 'not counted',
  );
  const asked = blocking.length > 0 ? blocking : gpuQuotas;
  // Enough for this service, and Cloud Run says that none is left: others in the project have them.
  const taken =
    blocking.length === 0 ? gpuQuotas.find(({ verdict }) => verdict === 'fits')?.limit : undefined;
  const gpus =
    taken === undefined || taken === Infinity ? undefined : taken + deployment.scaling.maxInstances;
  return [
    {
      does: 'see every quota against what the deployment asks for',
      command: `bin/lightonocr quota ${deployment.name}`,
    },
    {
      does: 'let old revisions go: one with traffic or a tag may keep a GPU; a release takes its own tags away',
      command: `bin/lightonocr reconcile ${deployment.name}`,
    },
    ...(asked.some(({ fixed }) => fixed === undefined) || asked.length === 0
      ? [
          {
            does: 'ask for more, and for nothing twice; Google answers in minutes to days',
            command: requestMore(deployment, gpus),
          },
        ]
      : []),
    ...notRaised(asked).map((does) => ({ does })),
  ];
}

/** Requests that waited in vain while the quota is not what stops it: the service's own maximum, or slow starts. */
export const noInstance: Case = (symptoms, found) => {
  const { deployment, revisions } = symptoms;
  const evidence = waited(symptoms);
  const counted = revisions.filter(({ stats }) => (stats?.throttled ?? 0) > 0);
  const numbers = counted.map(({ name, stats }) => ({
    where: name,
    text: `${stats?.throttled} of ${stats?.requests} requests were answered 429`,
  }));
  const isQuota = found.some(({ id, certainty }) => id === 'quota' && certainty !== 'setting');
  const isStopped = found.some(({ id }) => id === 'stopped');
  if (isQuota || isStopped || (evidence.length === 0 && numbers.length === 0)) return [];
  const { maxInstances, concurrency } = deployment.scaling;
  return [
    {
      id: 'no-instance',
      guide: 'Quota Exceeded',
      what: `Requests were refused with 429: no instance was free and none came up in time; at most ${maxInstances} may run, ${concurrency} requests each.`,
      certainty: evidence.length > 0 ? 'named' : 'inferred',
      because:
        'Cloud Run lets a request wait 3.5 × the last start, then gives up; no quota was found that stops it.',
      evidence: [...numbers, ...evidence],
      remedies: [
        {
          does: 'callers should wait and try again: the client of this project does, and keeps its window small',
          command: `bin/lightonocr warmup ${deployment.name}`,
        },
        ...(oneMoreFits(deployment)
          ? [{ does: 'let one more instance run', change: { scaling: { maxInstances: maxInstances + 1 } } }]
          : [{ does: 'one more instance is over the quota that the file names: see it, and ask for more' }]),
        { does: 'see what the quota holds', command: `bin/lightonocr quota ${deployment.name}` },
      ],
    },
  ];
};

function oneMoreFits(deployment: Deployment): boolean {
  const scaling = { ...deployment.scaling, maxInstances: deployment.scaling.maxInstances + 1 };
  return passesRules(deployment, { ...deployment, scaling });
}
