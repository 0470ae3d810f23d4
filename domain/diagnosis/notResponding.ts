import type { Deployment } from '../deployment';
import { flagsOf } from '../service/liveTemplate';
import { VLLM_PORT } from '../vllmArgs';
import { isExplained } from './coldStart';
import { awayFirst, matchesIn, type Pattern, planOf, release, shown } from './evidence';
import { passesRules } from './smallerSettings';
import { startsOf } from './starts';
import type { Case, Diagnosis, Remedy, SeenRevision, Symptoms } from './symptoms';

const FAILED_REQUEST: Pattern = {
  words: /^[A-Z]+ \S{0,100}\/(?:v1\/[\w/]+|health) 5\d\d(?: in [\d.]+ s)?/,
  source: 'https://cloud.google.com/run/docs/troubleshooting, 500 to 504; the request log',
};
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/** The guide's "Service Not Responding": nothing says why, so it is told by what does not happen. */
export const notResponding: Case = (symptoms, found) =>
  symptoms.revisions.flatMap((revision) => {
    const isCold = found.some(({ id, revision: of }) => id === 'cold-start' && of === revision.name);
    const isStopped = found.some(({ id }) => id === 'stopped');
    if (isStopped || isCold || isExplained(found, revision)) return [];
    const diagnosis =
      elsewhere(symptoms, revision) ??
      endedItself(symptoms, revision) ??
      wrongProbe(symptoms, revision) ??
      notReady(revision, found) ??
      badAnswers(symptoms, revision);
    if (!diagnosis) return [];
    const { name } = symptoms.deployment;
    const log = {
      does: 'read what it and Cloud Run say is wrong',
      command: `bin/lightonocr logs ${name} --revision ${revision.name} --severity ERROR`,
    };
    const { isUnderstood, remedies, ...told } = diagnosis;
    return [
      {
        id: 'not-responding',
        guide: 'Service Not Responding',
        revision: revision.name,
        ...told,
        remedies: [
          ...awayFirst(symptoms, revision, 'does not respond'),
          ...(isUnderstood ? [...remedies, log] : [log, ...remedies]),
        ],
      },
    ];
  });

type Part = Pick<Diagnosis, 'what' | 'certainty' | 'because' | 'evidence'> & {
  readonly remedies: readonly Remedy[];
  /** False where only the log may say why: it is read before anything is tried. */
  readonly isUnderstood: boolean;
};

/** vLLM listens where Cloud Run does not look. */
function elsewhere({ deployment, lines }: Symptoms, revision: SeenRevision): Part | undefined {
  const { listening } = startsOf(lines, revision);
  const flags = flagsOf(revision.args);
  const port = listening?.port ?? Number(flags.get('port') ?? VLLM_PORT);
  const host = listening?.host ?? flags.get('host') ?? '0.0.0.0';
  if (port === revision.port && !LOOPBACK.test(host)) return undefined;
  return {
    what: `vLLM listens on ${host}:${port}, and Cloud Run sends requests to port ${revision.port} from outside of the container.`,
    certainty: listening ? 'named' : 'inferred',
    because: listening ? 'vLLM says where it listens.' : 'the revision’s flags and its port say so.',
    evidence: listening
      ? shown([listening.match])
      : [
          {
            where: revision.name,
            text: `vLLM ${host}:${port} by its flags, container port ${revision.port}`,
          },
        ],
    isUnderstood: true,
    remedies: [
      {
        does: 'the file’s `port` sets both: release it as it is, and set neither flag nor port by hand',
        command: planOf(deployment),
      },
    ],
  };
}

function endedItself({ deployment, lines }: Symptoms, revision: SeenRevision): Part | undefined {
  const { ended, conditions, probeFailed } = startsOf(lines, revision);
  if (ended.length === 0) return undefined;
  return {
    what: 'The container ends by itself, for a reason that none of the known messages names.',
    certainty: 'inferred',
    because: 'Cloud Run saw it end, and its log has none of the lines that are looked for.',
    evidence: [...shown(ended), ...conditions, ...shown(probeFailed)],
    isUnderstood: false,
    remedies: [
      {
        does: 'run the same image with the same flags where there is a GPU',
        command: `bin/lightonocr manual ${deployment.name} --sha HEAD`,
      },
    ],
  };
}

/** vLLM is up, on the right port, and the probe still fails: its path. */
function wrongProbe({ deployment, lines }: Symptoms, revision: SeenRevision): Part | undefined {
  const { up, probeFailed } = startsOf(lines, revision);
  if (!up || probeFailed.length === 0 || revision.ready === 'yes') return undefined;
  return {
    what: `vLLM is up, and the start-up probe does not see it${revision.probePath ? ` at ${revision.probePath}` : ''}.`,
    certainty: 'inferred',
    because: 'vLLM says that its start is complete, and the probe failed all the same.',
    evidence: shown(probeFailed),
    isUnderstood: revision.probePath !== HEALTH.path,
    remedies: healthCheck(deployment, revision),
  };
}

/** Where vLLM says whether its engine is up. */
const HEALTH = { type: 'http', path: '/health' } as const;

/** The way to a probe that asks vLLM's own health check: the file, where that is right; else a change that the rules allow. */
function healthCheck(deployment: Deployment, { probePath }: SeenRevision): readonly Remedy[] {
  const { name, probe } = deployment;
  if (probePath === HEALTH.path) {
    return [
      {
        does: 'see in which settings what serves is not the file’s, its probe’s times among them',
        command: `bin/lightonocr verify ${name}`,
      },
    ];
  }
  if (probe.type === HEALTH.type && probe.path === HEALTH.path)
    return [
      {
        does: 'the file’s `probe` asks vLLM’s own health check: release it as it is',
        command: planOf(deployment),
      },
    ];
  const after = { ...deployment, probe: { ...probe, ...HEALTH } };
  if (!passesRules(deployment, after))
    return [
      {
        does: 'ask vLLM’s own health check, /health; something else in the file breaks a rule',
        command: 'npm run synth',
      },
    ];
  return [{ does: 'ask vLLM’s own health check', change: { probe: HEALTH } }, release(deployment)];
}

/** Its condition says why, in words that no case knows. */
function notReady(revision: SeenRevision, found: readonly Diagnosis[]): Part | undefined {
  const named = found.some(({ certainty, id }) => id === 'quota' && certainty === 'named');
  const failed = revision.conditions.filter((condition) => condition.failed);
  if (revision.ready !== 'no' || named) return undefined;
  return {
    what: 'The revision is not ready, for a reason that is none of the known ones.',
    certainty: 'inferred',
    because: 'its condition failed, and neither condition nor log has words that are known.',
    evidence: failed.map(({ at, message }) => ({ at, where: revision.name, text: message })),
    isUnderstood: false,
    remedies: [{ does: 'Google’s list of such messages: https://cloud.google.com/run/docs/troubleshooting' }],
  };
}

/** Ready, and the answers are errors. */
function badAnswers({ deployment, lines }: Symptoms, revision: SeenRevision): Part | undefined {
  const { requests = 0, errors = 0 } = revision.stats ?? {};
  const failed = matchesIn(lines, revision, FAILED_REQUEST);
  const { maxErrorRate } = deployment.alerts;
  if (errors <= maxErrorRate * requests && failed.length === 0) return undefined;
  return {
    what: `It is ready, and ${errors > 0 ? `${errors} of ${requests} requests` : 'requests'} ended with 5xx.`,
    certainty: 'inferred',
    because: `the answers say so; more than ${maxErrorRate * 100} % also open an alert.`,
    evidence: [
      ...(errors > 0
        ? [{ where: revision.name, text: `${errors} of ${requests} requests ended with 5xx` }]
        : []),
      ...shown(failed),
    ],
    isUnderstood: false,
    remedies: [
      {
        does: 'see whether it reads a page now',
        command: `bin/lightonocr ocr ${deployment.name} release/golden/page.png`,
      },
    ],
  };
}
