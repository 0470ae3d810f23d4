import { diagnose } from '../domain/diagnosis';
import { type Diagnosis, NOT_READ, type SeenRevision, type Symptoms } from '../domain/diagnosis/symptoms';
import { Failure } from '../domain/failure';
import { activeLease, type Ledger } from '../domain/releases/ledger';
import type { LogEntry } from '../domain/logs/logEntry';
import { unknownRevision } from '../domain/service/unknownRevision';
import { counted } from '../domain/words';
import type { ReleaseContext } from '../release/ports/context';
import { valueOf } from '../domain/releases/next/snapshot';
import { snapshotOf } from '../release/driver/observe';
import { readQuota } from '../release/adapters/google/quota';
import { cloudRunLogs, type LogQuery } from './logs';
import { type SeenService, seenFromLogs, seenRevision, seenService } from './troubleshootService';

/** A source that could not be read: what it holds is not known, and that is no pass. */
export interface Unread {
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
}

export interface Troubles {
  readonly deployment: string;
  readonly service: string;
  /** ISO 8601; the time that was looked at. */
  readonly from: string;
  readonly to: string;
  /** The one to look at first at the top. */
  readonly findings: readonly Diagnosis[];
  /** What was read, a sentence each. */
  readonly lookedAt: readonly string[];
  readonly unread: readonly Unread[];
}

export interface TroubleshootOptions {
  /** How far back. */
  readonly sinceSeconds: number;
  /** Short name; default: those with traffic or a tag, and the newest. */
  readonly revision?: string;
}

type Part = Pick<
  ReleaseContext,
  'call' | 'deployment' | 'ledger' | 'metrics' | 'clock' | 'progress' | 'cloudRun' | 'registry'
>;

/** What a source is called, where it could not be read. */
const [SERVICE, LEDGER] = ['the service', 'the ledger'];
const [SYSTEM_LOG, REQUEST_LOG, CONTAINER_LOG] = [
  'Cloud Run’s own log',
  'the request log',
  'what the containers say',
];
const metricsOf = (revision: string) => `the metrics of ${revision}`;

/** Newest container lines that are read; those that are a warning or worse are asked for on their own besides. */
const CONTAINER_LINES = 5000;

/**
 * Reads what Cloud Run, Cloud Logging, Cloud Monitoring, Cloud Quotas and the ledger say of a service, side by side, and
 * names the cases of the deployment guide that are true. Changes nothing, starts no instance. A source that does not answer
 * is in `unread`.
 * @throws Failure `UNKNOWN_REVISION`, exit code 2.
 */
export async function troubleshoot(context: Part, options: TroubleshootOptions): Promise<Troubles> {
  const { deployment } = context;
  const to = context.clock.now();
  const from = new Date(to.getTime() - options.sinceSeconds * 1000);
  const unread: Unread[] = [];
  const attempt = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Failure) || error.exitCode === 2) throw error;
      unread.push({ what, why: `${error.code}, ${error.message}`, remedy: error.remedy });
      return undefined;
    }
  };

  const looked = snapshotOf(context);
  const [service, lines, quota, ledger] = await Promise.all([
    attempt(SERVICE, async () => ({ seen: seenService(valueOf((await looked).service)) })),
    readLines(context, { from, to }, attempt),
    attempt('the quotas', () => readQuota(context)),
    attempt(LEDGER, async () => ({ read: valueOf((await looked).ledger) })),
  ]);
  for (const { quota: of, problem, verdict } of quota ?? []) {
    if (verdict !== 'unknown') continue;
    const remedy = `ask as somebody with roles/cloudquotas.viewer on ${deployment.project}`;
    unread.push({ what: `the quota ${of.id}`, why: problem ?? 'no reason given', remedy });
  }
  const known = service?.seen;
  const settings = await attempt('the revisions', () =>
    revisionsOf(context, service, lines, options.revision),
  );
  const revisions = await Promise.all(
    (settings ?? []).map(async (revision): Promise<SeenRevision> => {
      const stats = await attempt(metricsOf(revision.name), async () => ({
        read: await context.metrics.windowStats(revision.name, from, to),
      }));
      return stats?.read ? { ...revision, stats: stats.read } : revision;
    }),
  );
  const symptoms: Symptoms = {
    deployment,
    // Not read is not the same as not there.
    ...(known ? { service: known } : service === undefined && { service: NOT_READ }),
    revisions,
    lines,
    quota: quota ?? [],
    holds: ledger?.read?.holds ?? [],
    ...(known && ledger?.read && intentOf(ledger.read, to)),
  };
  return {
    deployment: deployment.name,
    service: deployment.service,
    from: from.toISOString(),
    to: to.toISOString(),
    findings: diagnose(symptoms),
    lookedAt: lookedAt(symptoms, new Set(unread.map(({ what }) => what)), ledger?.read !== undefined),
    unread,
  };
}

/** While somebody is at work traffic is on its way, and is no trouble. */
function intentOf(ledger: Ledger, now: Date): Pick<Symptoms, 'intent'> {
  const { intent } = ledger;
  return intent && !activeLease(ledger, now) ? { intent } : {};
}

type Attempt = <T>(what: string, read: () => Promise<T>) => Promise<T | undefined>;

/** Cloud Run's own lines, those of the containers, and requests that went wrong; in the order of their times. */
async function readLines(
  { call, deployment, progress }: Part,
  when: { from: Date; to: Date },
  attempt: Attempt,
): Promise<LogEntry[]> {
  const logs = cloudRunLogs(call, deployment);
  const containers = ['stdout', 'stderr'] as const;
  const queries: readonly (readonly [what: string, query: Omit<LogQuery, 'from'>])[] = [
    [SYSTEM_LOG, { logs: ['system'] }],
    [REQUEST_LOG, { logs: ['requests'], severity: 'WARNING' }],
    [CONTAINER_LOG, { logs: containers, limit: CONTAINER_LINES }],
    ['what the containers say is wrong', { logs: containers, severity: 'WARNING' }],
  ];
  const pages = await Promise.all(
    queries.map(async ([what, query]) => {
      const page = await attempt(what, () => logs.read({ ...when, ...query }));
      if (page?.more) progress(`${what}: older lines in this time are not read`);
      return page?.entries ?? [];
    }),
  );
  const once = new Map(pages.flat().map((entry) => [entry.id, entry]));
  return [...once.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The one that was asked for, or those that matter; when the service cannot be read, those that the log names. */
async function revisionsOf(
  context: Part,
  service: { readonly seen: SeenService | undefined } | undefined,
  lines: readonly LogEntry[],
  asked: string | undefined,
): Promise<SeenRevision[]> {
  const { deployment } = context;
  const named = [...new Set(lines.map(({ revision }) => revision).filter((name) => name !== ''))];
  const matter = service ? (service.seen?.matter ?? []) : named;
  const found = await Promise.all(
    (asked !== undefined ? [asked] : matter).map((name) =>
      service
        ? seenRevision(context, name, service.seen?.shares.get(name) ?? 0)
        : Promise.resolve(seenFromLogs(deployment, name)),
    ),
  );
  const there = found.filter((revision) => revision !== undefined);
  // Without a service that is what is wrong.
  if (asked !== undefined && there.length === 0 && service?.seen) throw unknownRevision(deployment, asked);
  return there.sort((a, b) => b.percent - a.percent);
}

/** A sentence a source that answered. */
function lookedAt(
  { deployment, service, revisions, lines, quota, holds }: Symptoms,
  unread: ReadonlySet<string>,
  hasLedger: boolean,
): string[] {
  const count = (...logs: readonly LogEntry['log'][]) => lines.filter(({ log }) => logs.includes(log)).length;
  const logs = [
    unread.has(SYSTEM_LOG) ? [] : [`${counted(count('system'), 'line')} of Cloud Run`],
    unread.has(CONTAINER_LOG) ? [] : [`${count('stdout', 'stderr')} of containers`],
    unread.has(REQUEST_LOG) ? [] : [`${count('requests')} of requests that went wrong`],
  ].flat();
  const requests = revisions.flatMap(({ name, stats }) => {
    if (unread.has(metricsOf(name))) return [];
    if (!stats) return [`${name}: no requests that Cloud Monitoring knows of`];
    return [
      `${name}: ${counted(stats.requests, 'request')}, ${stats.errors} with 5xx, ${stats.throttled} with 429`,
    ];
  });
  const seen = revisions.map(({ name, percent, ready }) => `${name} (${percent} %, ready: ${ready})`);
  const limits = quota.filter(({ limit }) => limit !== undefined).length;
  const conditions = service ? 'the service’s conditions and scaling' : 'no service';
  return [
    ...(unread.has(SERVICE) ? [] : [`Cloud Run: ${conditions}; ${seen.join(', ') || 'no revision'}`]),
    ...(logs.length > 0 ? [`Cloud Logging: ${logs.join(', ')}`] : []),
    ...(requests.length > 0 ? [`Cloud Monitoring: ${requests.join('; ')}`] : []),
    ...(limits > 0 ? [`Cloud Quotas: ${limits} limits`] : []),
    ...(unread.has(LEDGER)
      ? []
      : [
          hasLedger
            ? `the ledger: what is meant to serve, ${holds.length} held`
            : `no ledger: nothing says what is meant to serve; whether there was one: bin/lightonocr doctor ${deployment.name} --only traffic`,
        ]),
  ];
}

/** What the command ends with: a person is needed where something is wrong, and where not everything could be read. */
export function troubleFailure({ deployment, findings, unread }: Troubles): Failure | undefined {
  const [first] = findings;
  if (first) {
    return new Failure({
      code: 'TROUBLE_FOUND',
      message: `${findings.length} of the known cases: ${findings.map(({ id }) => id).join(', ')}.`,
      where: first.revision ?? deployment,
      got: first.what,
      remedy: first.remedies[0]?.command ?? first.remedies[0]?.does ?? 'see above',
      exitCode: 3,
    });
  }
  const [source] = unread;
  if (!source) return undefined;
  return new Failure({
    code: 'NOT_ALL_READ',
    message: 'Nothing was found in what could be read, and not everything could.',
    where: unread.map(({ what }) => what).join(', '),
    got: source.why,
    remedy: source.remedy,
    exitCode: 3,
  });
}
