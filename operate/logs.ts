import type { Deployment } from '../domain/deployment';
import { Failure } from '../domain/failure';
import {
  GRAVE_LINE,
  isAtLeast,
  type LogEntry,
  type LogName,
  type RawLogEntry,
  readLogEntry,
  type Severity,
} from '../domain/logs/logEntry';
import { unknownRevision } from '../domain/service/unknownRevision';
import type { ReleaseContext } from '../release/ports/context';
import {
  type ApiError,
  type ApiRequest,
  type ApiResponse,
  type CallApi,
  isStatus,
} from '../release/adapters/google/googleApi';
import { requireService } from '../release/checks/requireService';

/** Which lines; what is left out is not asked for. */
export interface LogQuery {
  readonly from: Date;
  /** Default: now. */
  readonly to?: Date;
  /** Short name. */
  readonly revision?: string;
  readonly instance?: string;
  /** Which of the service's logs; default all. */
  readonly logs?: readonly Exclude<LogName, 'other'>[];
  /** At least so grave. */
  readonly severity?: Severity;
  /** The newest of so many; default 1,000. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface LogPage {
  /** In the order of their times, oldest first. */
  readonly entries: readonly LogEntry[];
  /** True when there are older ones in the time asked for, beyond the limit. */
  readonly more: boolean;
}

/** The logs of a deployment's service in Cloud Logging. */
export interface Logs {
  read(query: LogQuery): Promise<LogPage>;
}

/** Most that the API gives at once (https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list). */
const PAGE_SIZE = 1000;
interface ListAnswer {
  readonly entries?: readonly RawLogEntry[];
  readonly nextPageToken?: string;
}
const LOG_IDS = {
  stdout: 'stdout',
  stderr: 'stderr',
  system: 'varlog/system',
  requests: 'requests',
} as const;

/**
 * Reads Cloud Logging's `entries:list` for one Cloud Run service: what its containers write, what Cloud Run says of its
 * instances (probes, memory, exits), its requests. Read newest first, so that a limit keeps what is newest. A page may be
 * empty and have a successor: the search ran out of time. Needs `logging.logEntries.list`; a project has 60 such calls a
 * minute (https://cloud.google.com/logging/quotas), and a 429 or 5xx is tried again as any read is.
 * @throws Failure `LOGS_NOT_READABLE`, exit code 3, without that permission; ApiError as `googleApi` does for the rest.
 */
export function cloudRunLogs(call: CallApi, deployment: Deployment): Logs {
  const list = async (request: ApiRequest): Promise<ApiResponse<ListAnswer>> => {
    try {
      return await call<ListAnswer>('logging', request);
    } catch (error) {
      throw isStatus(error, 403) ? notReadable(deployment, error) : error;
    }
  };

  return {
    async read(query) {
      const { limit = PAGE_SIZE, severity, signal } = query;
      const found: LogEntry[] = [];
      let pageToken: string | undefined;
      do {
        const { data } = await list({
          method: 'POST',
          reads: true,
          path: '/v2/entries:list',
          body: {
            resourceNames: [`projects/${deployment.project}`],
            filter: logFilter(deployment, query),
            orderBy: 'timestamp desc',
            pageSize: PAGE_SIZE,
            ...(pageToken !== undefined && { pageToken }),
          },
          ...(signal && { signal }),
        });
        const entries = (data.entries ?? []).map(readLogEntry);
        found.push(
          ...entries.filter((entry) => severity === undefined || isAtLeast(entry.severity, severity)),
        );
        pageToken = data.nextPageToken || undefined;
      } while (pageToken !== undefined && found.length <= limit);
      return { entries: found.slice(0, limit).reverse(), more: found.length > limit };
    },
  };
}

/**
 * Whether what was asked for is there. For a log without lines, and not before: what was deleted has left its lines.
 * @throws Failure `NO_SERVICE` (3), `UNKNOWN_REVISION` (2).
 */
export async function needLogged(context: ReleaseContext, revision: string | undefined): Promise<void> {
  await requireService(context);
  if (revision !== undefined && (await context.cloudRun.revision(revision)) === undefined)
    throw unknownRevision(context.deployment, revision);
}

/**
 * The query in Cloud Logging's language (https://cloud.google.com/logging/docs/view/logging-query-language). Text has the
 * severity DEFAULT there, so a line that calls itself an error is asked for too, and judged when it is read.
 */
export function logFilter({ project, region, service }: Deployment, query: LogQuery): string {
  const { from, to, revision, instance, logs, severity } = query;
  const names = logs?.map((log) => `"projects/${project}/logs/${logId(LOG_IDS[log])}"`);
  return [
    'resource.type="cloud_run_revision"',
    `resource.labels.service_name=${quoted(service)}`,
    `resource.labels.location=${quoted(region)}`,
    ...(revision === undefined ? [] : [`resource.labels.revision_name=${quoted(revision)}`]),
    ...(instance === undefined ? [] : [`labels.instanceId=${quoted(instance)}`]),
    ...(names ? [`logName=(${names.join(' OR ')})`] : []),
    `timestamp>=${quoted(from.toISOString())}`,
    ...(to ? [`timestamp<=${quoted(to.toISOString())}`] : []),
    ...(severity !== undefined && isAtLeast(severity, 'NOTICE')
      ? [`(severity>=${severity} OR (severity=DEFAULT AND textPayload=~${quoted(GRAVE_LINE)}))`]
      : []),
  ].join(' AND ');
}

const logId = (name: string) => encodeURIComponent(`run.googleapis.com/${name}`);
const quoted = (text: string) => JSON.stringify(text);

function notReadable({ project }: Deployment, error: ApiError): Failure {
  return new Failure(
    {
      code: 'LOGS_NOT_READABLE',
      message: `Cloud Logging does not show this identity the project's logs: ${error.message}`,
      where: `project ${project}`,
      remedy: `give it roles/logging.viewer: gcloud projects add-iam-policy-binding ${project} --member MEMBER --role roles/logging.viewer`,
      exitCode: 3,
    },
    { cause: error },
  );
}
