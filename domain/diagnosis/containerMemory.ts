import type { Deployment } from '../deployment';
import { awayFirst, conditionsWith, matchesIn, type Pattern, release, shown } from './evidence';
import { passesRules } from './smallerSettings';
import type { Case, Remedy } from './symptoms';

const PATTERN: Pattern = {
  words: /Memory limit of (\d+) MiB exceeded with (\d+) MiB used/,
  source:
    'https://cloud.google.com/run/docs/troubleshooting, "Memory limit exceeded"; Cloud Run’s own log, severity ERROR',
};

/** The guide's "Out of Memory", in the container: Cloud Run ends an instance that takes more than it was given. */
export const containerMemory: Case = (symptoms) =>
  symptoms.revisions.flatMap((revision) => {
    const found = matchesIn(symptoms.lines, revision, PATTERN);
    const evidence = [...conditionsWith(revision.name, revision.conditions, [PATTERN]), ...shown(found)];
    if (evidence.length === 0) return [];
    const limit = found.at(-1)?.groups[0];
    return [
      {
        id: 'container-memory',
        guide: 'Out of Memory',
        what: `The container took more memory than it was given${limit ? `, ${limit} MiB` : ''}; its files count too.`,
        certainty: 'named',
        because: 'Cloud Run says so when it ends an instance for it.',
        revision: revision.name,
        evidence,
        remedies: [
          ...awayFirst(symptoms, revision, 'out of memory'),
          moreMemory(symptoms.deployment),
          release(symptoms.deployment),
        ],
      },
    ];
  });

/** The next size that the rules allow: https://cloud.google.com/run/docs/configuring/services/memory-limits */
const SIZES = [
  { cpu: 4, memoryGib: 16 },
  { cpu: 6, memoryGib: 24 },
  { cpu: 8, memoryGib: 32 },
];

function moreMemory(deployment: Deployment): Remedy {
  const larger = SIZES.filter(({ memoryGib }) => memoryGib > deployment.size.memoryGib);
  const passing = larger.find((size) => {
    const after = { ...deployment, size: { ...deployment.size, ...size } };
    return passesRules(deployment, after);
  });
  if (passing) {
    return { does: `give it ${passing.memoryGib} GiB: it costs more a second`, change: { size: passing } };
  }
  const why = larger.length === 0 ? 'it has all that Cloud Run gives' : 'more breaks a rule, as the quota’s';
  const concurrency = Math.max(deployment.vllm.maxNumSeqs, Math.floor(deployment.scaling.concurrency / 2));
  return {
    does: `${why}: let fewer pages be in it at a time (pages are decoded in the container, before the GPU)`,
    ...(concurrency < deployment.scaling.concurrency && { change: { scaling: { concurrency } } }),
  };
}
