import type { Deployment } from '../deployment';
import { startupBudgetSeconds } from '../rules/probe';
import { awayFirst, matchesIn, type Pattern, release, shown } from './evidence';
import { passesRules } from './smallerSettings';
import { type Starts, startsOf } from './starts';
import type { Case, Change, Diagnosis, Evidence, Remedy, SeenRevision, Symptoms } from './symptoms';

const TIMED_OUT: Pattern = {
  words: /^POST \S{0,100}\/v1\/[\w/]+ 504(?: in [\d.]+ s)?/,
  source: 'https://cloud.google.com/run/docs/configuring/request-timeout; the request log',
};

/** Cases that a failed start is explained by: it is no time-out then. */
const EXPLAINS = new Set([
  'image-not-readable',
  'flag-unknown',
  'transformers-mismatch',
  'model-missing',
  'model-incomplete',
  'gpu-memory',
  'container-memory',
]);
export const isExplained = (found: readonly Diagnosis[], { name }: SeenRevision): boolean =>
  found.some(({ id, revision }) => EXPLAINS.has(id) && revision === name);

/** The guide's "Cold Start Timeout": the probe, or a waiting request, gave up while vLLM was still on its way. */
export const coldStart: Case = (symptoms, found) =>
  symptoms.revisions.flatMap((revision) => {
    if (isExplained(found, revision)) return [];
    const starts = startsOf(symptoms.lines, revision);
    const probe = probeGaveUp(revision, starts);
    const requests = probe ? [] : waitingRequests(symptoms, revision, starts);
    if (!probe && requests.length === 0) return [];
    const { deployment } = symptoms;
    const phase = starts.phase ? shown([starts.phase]) : [];
    return [
      {
        id: 'cold-start',
        guide: 'Cold Start Timeout',
        what: probe
          ? `vLLM was not ready within the ${revision.startSeconds} s that the start-up probe gives it.`
          : `Requests ended after ${revision.requestTimeoutSeconds} s while their instance was still starting.`,
        certainty: probe && starts.probeFailed.length > 0 ? 'named' : 'inferred',
        because: probe
          ? `the probe gave up, the container had not ended by itself, and vLLM had not said that it is up${starts.phase ? '; the last line is how far it came' : ''}.`
          : 'the requests were answered 504 and an instance started while they waited.',
        revision: revision.name,
        evidence: probe
          ? [...starts.conditions, ...shown(starts.probeFailed), ...phase]
          : [...requests, ...shown(starts.started)],
        remedies: [
          ...awayFirst(symptoms, revision, 'does not start in time'),
          {
            does: 'see which part of the start takes the time',
            command: `bin/lightonocr logs ${deployment.name} --revision ${revision.name}`,
          },
          ...longer(deployment, revision),
          ...sooner(deployment),
          release(deployment),
        ],
      },
    ];
  });

const probeGaveUp = (
  revision: SeenRevision,
  { probeFailed, conditions, ended, up, listening }: Starts,
): boolean =>
  (probeFailed.length > 0 || conditions.length > 0) &&
  ended.length === 0 &&
  !up &&
  (listening === undefined || listening.port === revision.port);

/** A request is logged by when it came or by when it ended, a start by when it began: seconds lie between. */
const SLACK_SECONDS = 5;

/** 504 answers of requests that came, or were still waiting, when an instance started. */
function waitingRequests({ lines }: Symptoms, revision: SeenRevision, { started }: Starts): Evidence[] {
  const within = (revision.requestTimeoutSeconds + SLACK_SECONDS) * 1000;
  const near = (at = '') =>
    started.some((start) => Math.abs(Date.parse(start.at ?? '') - Date.parse(at)) <= within);
  return shown(matchesIn(lines, revision, TIMED_OUT).filter(({ at }) => near(at)));
}

/** Cloud Run's limit of probing with a GPU, and for a request: `domain/rules/probe.ts` and `requestTimeout.ts`. */
const [MOST_PROBING, MOST_REQUEST] = [1800, 3600];
/** A request that waited for a start has to be read too. */
const PAGE_SECONDS = 120;

/** Twice the time that the revision had, and a request time-out that outlives it; checked with the rules. */
function longer(deployment: Deployment, { startSeconds }: SeenRevision): readonly Remedy[] {
  const { probe } = deployment;
  const had = Math.max(startSeconds, startupBudgetSeconds(probe));
  const total = Math.min(2 * had, MOST_PROBING);
  const failureThreshold = Math.floor(total / probe.periodSeconds);
  const start = Math.max(
    startupBudgetSeconds({ ...probe, failureThreshold }),
    deployment.release.smoke.coldStartSeconds,
  );
  const needed = Math.min(start + PAGE_SECONDS, MOST_REQUEST);
  const change = {
    ...(failureThreshold > probe.failureThreshold && { probe: { failureThreshold } }),
    ...(deployment.requestTimeoutSeconds < needed && { requestTimeoutSeconds: needed }),
  };
  return checked(deployment, change, `give a start up to ${start} s, and requests the time to wait for it`);
}

/** What makes a start shorter, or spares it. */
function sooner(deployment: Deployment): readonly Remedy[] {
  const { probe, scaling } = deployment;
  const delay: Change = probe.initialDelaySeconds > 0 ? { probe: { initialDelaySeconds: 0 } } : {};
  const warm: Change = scaling.minInstances === 0 ? { scaling: { minInstances: 1 } } : {};
  return [
    ...checked(
      deployment,
      delay,
      'look for the moment instead of waiting for it: the initial delay is part of every cold start',
    ),
    ...checked(deployment, warm, 'or keep one instance warm: no cold start, and its price day and night'),
  ];
}

function checked(deployment: Deployment, change: Change, does: string): readonly Remedy[] {
  if (Object.keys(change).length === 0) return [];
  const { requestTimeoutSeconds = deployment.requestTimeoutSeconds } = change;
  const after: Deployment = {
    ...deployment,
    requestTimeoutSeconds,
    probe: { ...deployment.probe, ...change.probe },
    scaling: { ...deployment.scaling, ...change.scaling },
  };
  return passesRules(deployment, after) ? [{ does, change }] : [];
}
