import type { Deployment } from '../deployment';
import { awayFirst, conditionsWith, matchesIn, type Pattern, planOf, release, shown } from './evidence';
import { gibOf } from '../service/liveTemplate';
import { passesRules } from './smallerSettings';
import type { Case, Change, Remedy } from './symptoms';

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
    const limitGib = [gibOf(revision.memory), Number(limit) / MIB_PER_GIB].find(Number.isFinite);
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
          ...lessPressure(symptoms.deployment, limitGib),
        ],
      },
    ];
  });

const MIB_PER_GIB = 1024;

/** The next size that the rules allow: https://cloud.google.com/run/docs/configuring/services/memory-limits */
const SIZES = [
  { cpu: 4, memoryGib: 16 },
  { cpu: 6, memoryGib: 24 },
  { cpu: 8, memoryGib: 32 },
];

/**
 * What takes the pressure away from a revision with this limit. @param limitGib undefined where nothing says it: then it is
 * taken to be the file's, as the revision's other settings are.
 */
function lessPressure(deployment: Deployment, limitGib = deployment.size.memoryGib): Remedy[] {
  const { size } = deployment;
  if (size.memoryGib > limitGib) {
    return [
      {
        does: `the file gives it ${size.memoryGib} GiB, and this revision has ${limitGib}: release the file as it is`,
        command: planOf(deployment),
      },
    ];
  }
  const larger = SIZES.filter(({ memoryGib }) => memoryGib > limitGib);
  const passing = larger.find((each) =>
    passesRules(deployment, { ...deployment, size: { ...size, ...each } }),
  );
  if (passing) {
    const does = `give it ${passing.memoryGib} GiB: it costs more a second`;
    return [{ does, change: { size: passing } }, release(deployment)];
  }
  const why = larger.length === 0 ? 'it has all that Cloud Run gives' : 'more breaks a rule, as the quota’s';
  // A file that gives less than the revision has would take that away with the next release.
  const kept = SIZES.find(({ memoryGib }) => size.memoryGib < limitGib && memoryGib === limitGib);
  const fewer = fewerPages(deployment, kept);
  if (!fewer) {
    const does = `${why}, and no smaller settings pass the rules; see what else the file breaks`;
    return [{ does, command: 'npm run synth' }];
  }
  const does = `${why}: let fewer pages be in it at a time (pages are decoded in the container, before the GPU)`;
  return [{ does, change: fewer }, release(deployment)];
}

/** Half the requests, in the range that goes with the sequences; at its floor, half the sequences with them. */
function fewerPages(deployment: Deployment, size?: (typeof SIZES)[number]): Change | undefined {
  const { scaling, vllm } = deployment;
  const { maxNumSeqs } = vllm;
  const half = Math.floor(scaling.concurrency / 2);
  const inRange = Math.min(Math.max(half, maxNumSeqs), 2 * maxNumSeqs);
  const isFewer = inRange < scaling.concurrency;
  const concurrency = isFewer ? inRange : half;
  const sequences = isFewer ? {} : { maxNumSeqs: half };
  if (concurrency < 1) return undefined;
  const after = {
    ...deployment,
    size: { ...deployment.size, ...size },
    scaling: { ...scaling, concurrency },
    vllm: { ...vllm, ...sequences },
  };
  if (!passesRules(deployment, after)) return undefined;
  return { ...(size && { size }), ...(!isFewer && { vllm: sequences }), scaling: { concurrency } };
}
