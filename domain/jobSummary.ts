import type { Deployment } from './deployment';
import type { Failure } from './failure';
import { fence, oneLine, span } from './markdown';
import { trafficChart, type TrafficMoment } from './releases/trafficHistory';

export interface JobSummary {
  /** The verb. */
  readonly command: string;
  readonly deployment: Deployment;
  readonly seconds: number;
  /** One sentence of what was done. */
  readonly text?: string;
  /** It could look at nothing, or not at all of it: no success, and no failure. */
  readonly unsure?: boolean;
  /** Markdown of our own making: a review. */
  readonly details?: string;
  readonly failure?: Failure;
  /** Why it ended where that is no failure of its own: a signal, a defect. */
  readonly ended?: string;
  /** As the command moved it, the state before its first move in front. */
  readonly traffic: readonly TrafficMoment[];
  readonly revision?: string;
  readonly build?: string;
  readonly runUrl?: string;
}

const EXIT = {
  1: 'failed and put back',
  2: 'usage or configuration',
  3: 'a person is needed',
  4: 'superseded',
};

/** What a command did, for the summary of a workflow's job. */
export function jobSummary(summary: JobSummary): string {
  const { command, deployment, seconds, text, details, failure, ended, traffic } = summary;
  const chart = trafficChart(traffic);
  return [
    `## ${failure || ended !== undefined ? '❌' : summary.unsure ? '⚠️' : '✅'} ${command} ${span(deployment.name)} (${Math.round(seconds)} s)`,
    '',
    ...(failure
      ? [
          `**${failure.code}** (exit code ${failure.exitCode}: ${EXIT[failure.exitCode]})`,
          '',
          fence(failure.toString().split('\n')),
          '',
        ]
      : ended !== undefined
        ? [fence(ended.split('\n')), '']
        : details === undefined && text !== undefined
          ? [oneLine(text, 1000), '']
          : []),
    ...(chart === undefined ? [] : [chart, '']),
    ...(details === undefined ? [] : [details, '']),
    summaryLinks(summary)
      .map(([name, url]) => `[${name}](${url})`)
      .join(' · '),
    '',
  ].join('\n');
}

/** Pages of the Google Cloud console and of GitHub. */
function summaryLinks(summary: JobSummary): [string, string][] {
  const { deployment, failure, runUrl } = summary;
  // A failure says where it happened: `build ID`, `revision NAME`.
  const [, kind, name] = /^(build|revision) (\S+)$/.exec(failure?.where ?? '') ?? [];
  const { revision = kind === 'revision' ? name : undefined, build = kind === 'build' ? name : undefined } =
    summary;
  const { project, region, service } = deployment;
  const console = 'https://console.cloud.google.com';
  const at = `project=${project}`;
  const query = [
    'resource.type="cloud_run_revision"',
    `resource.labels.service_name="${service}"`,
    ...(revision === undefined ? [] : [`resource.labels.revision_name="${revision}"`]),
  ].join('\n');
  return [
    ['revisions', `${console}/run/detail/${region}/${service}/revisions?${at}`],
    ['logs', `${console}/logs/query;query=${encodeURIComponent(query)}?${at}`],
    ...(build === undefined
      ? []
      : [['build', `${console}/cloud-build/builds;region=${region}/${build}?${at}`] as [string, string]]),
    ...(runUrl === undefined ? [] : [['run', runUrl] as [string, string]]),
  ];
}
