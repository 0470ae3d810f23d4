import { randomBytes } from 'node:crypto';
import { sha256 } from '../../domain/canonical';
import { nanosecondTime } from '../../domain/logs/logEntry';
import { GoogleError, invalid } from './googleError';
import { parseLogFilter } from './loggingFilter';
import { jsonBody, type Json, type RouteTable } from './routes';
import type { TaskAttempt } from './run/execution';
import type { Revision } from './run/resources';

/** A log of Cloud Run's, below `run.googleapis.com/`. */
export type RunLog = 'stdout' | 'stderr' | 'varlog/system' | 'requests';

/** Who prints: a revision of a service, or a task of a job. */
export type Printing = { readonly revision: Revision } | { readonly task: TaskAttempt };

/** What Cloud Run writes of a container; the rest of the entry is made here. */
export type RunLine = Printing & {
  readonly log: RunLog;
  /** Absent for a request that reached none. */
  readonly instance?: string;
  readonly text?: string;
  /** Left out for what a container prints as text, its errors too: Cloud Run knows nothing of it. */
  readonly severity?: 'INFO' | 'WARNING' | 'ERROR';
  readonly httpRequest?: Json;
};

export interface Logging {
  write(line: RunLine): void;
  readonly routes: RouteTable;
}

/** A page looks at no more than this, as the API's looks for no longer than it has time: one may be empty and have a successor. */
const SCANNED_ENTRIES = 2000;
const MAX_PAGE_SIZE = 1000;
const DEFAULT_PAGE_SIZE = 50;
const DAY_MILLISECONDS = 86_400_000;
/** Older entries are not stored (https://cloud.google.com/logging/quotas). */
const OLDEST_DAYS = 30;

/**
 * Cloud Logging v2 (https://cloud.google.com/logging/docs/reference/v2/rest): `entries:list`, and `entries:write` for whoever
 * wants lines there that nothing here prints. Entries have the shape in which Cloud Run's are found in public reports:
 * https://github.com/1Password/scim-examples/issues/309 (a probe), https://cloud.google.com/run/docs/logging (the logs' names).
 * An entry is there at once; in the cloud that takes seconds. `insertId` is the time and a random number in hexadecimal, as theirs is.
 * @param readsPerMinute more calls of `entries:list` in a minute are a 429.
 */
export function logging(now: () => number, readsPerMinute: number): Logging {
  const entries: Json[] = [];
  const known = new Set<string>();
  const reads: number[] = [];
  let last = { millisecond: 0, line: 0 };

  /** Lines of one millisecond are told apart by the microsecond, so that they keep their order. */
  function microsecondTime(): string {
    const millisecond = Math.floor(now());
    last = { millisecond, line: last.millisecond === millisecond ? Math.min(last.line + 1, 999) : 0 };
    return new Date(millisecond).toISOString().replace('Z', `${String(last.line).padStart(3, '0')}Z`);
  }

  function store(entry: Json): void {
    const key = keyOf(entry);
    if (known.has(key)) return; // "removes duplicates": same log, time and insertId
    known.add(key);
    entries.push(entry);
  }

  function write({ log, instance, text, severity, httpRequest, ...printing }: RunLine): void {
    const timestamp = microsecondTime();
    const { project, resource, labels } = sourceOf(printing);
    store({
      insertId: insertIdAt(timestamp),
      timestamp,
      receiveTimestamp: timestamp,
      logName: `projects/${project}/logs/${encodeURIComponent(`run.googleapis.com/${log}`)}`,
      resource,
      labels: { ...labels, ...(instance !== undefined && { instanceId: instance }) },
      ...payload(text),
      ...(severity && { severity }),
      ...(httpRequest && { httpRequest }),
    });
  }

  function writeAll(body: Json): Json {
    const { entries: sent = [], ...shared } = body as { entries?: Json[] };
    for (const own of sent) {
      const { logName, resource, labels, ...rest } = { ...shared, ...own } as Json;
      if (typeof logName !== 'string' || !/^projects\/[^/]+\/logs\/[\w%.-]+$/.test(logName))
        throw invalid(`logName: "${String(logName)}" is not of the form projects/PROJECT/logs/LOG_ID.`);
      if (typeof (resource as Json | undefined)?.type !== 'string')
        throw invalid('resource.type: must be set.');
      const receiveTimestamp = microsecondTime();
      const timestamp = (rest.timestamp as string | undefined) ?? receiveTimestamp;
      const age = now() - Date.parse(timestamp);
      if (!(age > -DAY_MILLISECONDS))
        throw invalid(`timestamp: ${timestamp} is no time, or is more than a day ahead.`);
      if (age > OLDEST_DAYS * DAY_MILLISECONDS) continue;
      store({
        insertId: insertIdAt(receiveTimestamp),
        ...rest,
        logName,
        resource,
        labels,
        timestamp,
        receiveTimestamp,
      });
    }
    return {};
  }

  function list(body: Json): Json {
    takeRead();
    const {
      resourceNames = [],
      filter = '',
      orderBy = 'timestamp asc',
      pageSize = DEFAULT_PAGE_SIZE,
    } = body as {
      resourceNames?: string[];
      filter?: string;
      orderBy?: string;
      pageSize?: number;
    };
    if (resourceNames.length === 0) throw invalid('resourceNames: at least one must be given.');
    if (!['timestamp asc', 'timestamp desc'].includes(orderBy))
      throw invalid(`orderBy: only "timestamp asc" and "timestamp desc" are supported, got "${orderBy}".`);
    if (!(pageSize >= 0 && pageSize <= MAX_PAGE_SIZE))
      throw invalid(`pageSize: must be at most ${MAX_PAGE_SIZE}, got ${pageSize}.`);
    const matches = parseLogFilter(filter);
    const request = sha256(JSON.stringify([resourceNames, filter, orderBy])).slice(0, 16);
    const after = readToken(body.pageToken, request);

    const sign = orderBy === 'timestamp asc' ? 1 : -1;
    const sorted = entries
      .map((entry) => ({ entry, order: orderOf(entry) }))
      .sort((a, b) => (a.order < b.order ? -sign : sign))
      .filter(({ order }) => after === undefined || (order < after ? -1 : order > after ? 1 : 0) === sign);
    const found: Json[] = [];
    let scanned = 0;
    for (const { entry } of sorted.slice(0, SCANNED_ENTRIES)) {
      if (found.length === (pageSize || DEFAULT_PAGE_SIZE)) break;
      scanned++;
      const inside = resourceNames.some((name) => String(entry.logName).startsWith(`${name}/`));
      if (inside && matches(entry)) found.push(entry);
    }
    const next = scanned < sorted.length && sorted[scanned - 1];
    return {
      ...(found.length > 0 && { entries: found }),
      ...(next && { nextPageToken: Buffer.from(`${request} ${next.order}`).toString('base64url') }),
    };
  }

  function takeRead(): void {
    const minuteAgo = now() - 60_000;
    while (reads[0] !== undefined && reads[0] <= minuteAgo) reads.shift();
    if (reads.length >= readsPerMinute) {
      throw new GoogleError(
        'RESOURCE_EXHAUSTED',
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' of service 'logging.googleapis.com'.",
      );
    }
    reads.push(now());
  }

  return {
    write,
    routes: {
      'POST /v2/entries:list': (call) => list(jsonBody(call)),
      'POST /v2/entries:write': (call) => writeAll(jsonBody(call)),
    },
  };
}

/** The monitored resource and its labels (https://cloud.google.com/logging/docs/api/v2/resource-list). */
function sourceOf(printing: Printing) {
  if ('task' in printing) {
    const { job, execution, index, attempt } = printing.task;
    const [, project = '', , location = '', , name = ''] = job.split('/');
    return {
      project,
      resource: { type: 'cloud_run_job', labels: { job_name: name, location, project_id: project } },
      labels: {
        'run.googleapis.com/execution_name': execution,
        'run.googleapis.com/task_index': String(index),
        'run.googleapis.com/task_attempt': String(attempt),
      },
    };
  }
  const { revision } = printing;
  const [, project = '', , location = '', , service = ''] = revision.service.split('/');
  const own = { configuration_name: service, revision_name: revision.name, service_name: service };
  return {
    project,
    resource: { type: 'cloud_run_revision', labels: { ...own, location, project_id: project } },
    labels: revision.template.labels,
  };
}

const keyOf = ({ logName, timestamp, insertId }: Json) => [logName, timestamp, insertId].join(' ');
/** By time; what has the same is ordered by `insertId`, as the API has it. */
const orderOf = ({ timestamp, insertId }: Json) => `${nanosecondTime(String(timestamp))} ${String(insertId)}`;

function readToken(token: unknown, request: string): string | undefined {
  if (typeof token !== 'string' || token === '') return undefined;
  const [of, ...rest] = Buffer.from(token, 'base64url').toString().split(' ');
  if (of !== request)
    throw invalid('page_token is not of this request: filter, order and resources must be the same.');
  return rest.join(' ');
}

function insertIdAt(timestamp: string): string {
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  const microseconds = Number(timestamp.slice(20, 26));
  return `${hex(Math.floor(Date.parse(timestamp) / 1000))}${hex(microseconds)}${randomBytes(4).toString('hex')}`;
}

/** A line of JSON is a structured entry, whose `severity` is the entry's own (https://cloud.google.com/run/docs/logging#using-json). */
function payload(text: string | undefined): Json {
  if (text === undefined) return {};
  if (!text.startsWith('{')) return { textPayload: text };
  try {
    const { severity, ...jsonPayload } = JSON.parse(text) as Json;
    return { jsonPayload, ...(severity !== undefined && { severity }) };
  } catch {
    return { textPayload: text };
  }
}
