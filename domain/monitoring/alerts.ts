import type { Aggregation, CloudRunMetric } from './cloudRunMetrics';
import type { Deployment } from '../deployment';

/** A number that is compared with a limit; an alert opens while all of its conditions hold. */
export interface AlertCondition {
  readonly name: string;
  readonly metric: CloudRunMetric;
  /** Labels that a sample must have. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly aggregation: Aggregation;
  /** Divided by the same sum over all samples: a share, 0 to 1. */
  readonly ofAll?: boolean;
  /** The limit, in the metric's own unit (latencies: ms). */
  readonly above: number;
  /** For how long without a break; 0: the window of the aggregation is enough. */
  readonly forSeconds: number;
}

export interface Alert {
  readonly id: string;
  /** Also the heading of its section in `docs/alerts.md`. */
  readonly title: string;
  readonly severity: 'WARNING' | 'ERROR' | 'CRITICAL';
  /** What it means, one or two sentences. */
  readonly meaning: string;
  /** What to run, in this order. */
  readonly commands: readonly string[];
  readonly conditions: readonly AlertCondition[];
}

/** Window of rates and percentiles: short enough to wake somebody in time, long enough to hold a few pages. */
const WINDOW_SECONDS = 900;
const FIVE_MINUTES = 300;
const MINUTE = 60;
const MILLISECONDS = 1000;

const sum = (alignmentSeconds: number): Aggregation => ({
  alignmentSeconds,
  aligner: 'ALIGN_DELTA',
  reducer: 'REDUCE_SUM',
});
/** Over all requests together, not the worst of the revisions' own percentiles. */
const p95: Aggregation = {
  alignmentSeconds: WINDOW_SECONDS,
  aligner: 'ALIGN_DELTA',
  reducer: 'REDUCE_PERCENTILE_95',
};
/** Of the fullest instance: one that runs out of memory dies alone. */
const fullest: Aggregation = {
  alignmentSeconds: MINUTE,
  aligner: 'ALIGN_PERCENTILE_99',
  reducer: 'REDUCE_MAX',
};

/** Every alert of a deployment: the guide's four, and what a GPU that scales to zero adds. */
export function alerts({ name, alerts: limits, scaling }: Deployment): Alert[] {
  const status = `bin/lightonocr status ${name}`;
  const rollback = (reason: string) => `bin/lightonocr rollback ${name} --reason "${reason}"`;
  // Without it one slow page, or one failed request at night, would be all requests there are.
  const enough: AlertCondition = {
    name: `at least ${limits.minRequests} requests in ${WINDOW_SECONDS / MINUTE} min`,
    metric: 'request_count',
    aggregation: sum(WINDOW_SECONDS),
    above: limits.minRequests - 1,
    forSeconds: 0,
  };
  return [
    {
      id: 'busy',
      title: 'Instances stay up',
      severity: 'WARNING',
      meaning: `More than ${scaling.minInstances} instances for ${limits.busySeconds / MINUTE} minutes without a break. A GPU is paid for as long as its instance lives: real work, a caller that polls, or a tag that keeps a revision warm.`,
      commands: [status],
      conditions: [
        {
          name: `instances > ${scaling.minInstances}`,
          metric: 'container/instance_count',
          aggregation: { alignmentSeconds: MINUTE, aligner: 'ALIGN_MAX', reducer: 'REDUCE_SUM' },
          above: scaling.minInstances,
          forSeconds: limits.busySeconds,
        },
      ],
    },
    {
      id: 'latency',
      title: 'Pages are slow',
      severity: 'ERROR',
      meaning: `p95 of a request is over ${limits.maxLatencyP95Seconds} s, from the instance's first byte to its last: waiting for an instance is not in it.`,
      commands: [status, rollback('pages are slow')],
      conditions: [
        {
          name: `p95 latency > ${limits.maxLatencyP95Seconds} s`,
          metric: 'request_latencies',
          aggregation: p95,
          above: limits.maxLatencyP95Seconds * MILLISECONDS,
          forSeconds: 0,
        },
        enough,
      ],
    },
    {
      id: 'memory',
      title: 'Memory is nearly full',
      severity: 'ERROR',
      meaning: `An instance uses more than ${percent(limits.maxMemoryUtilization)} of its memory. Files that the container writes count too; at 100 % it is killed with the pages in it.`,
      commands: [status, rollback('memory is nearly full')],
      conditions: [
        {
          name: `memory > ${percent(limits.maxMemoryUtilization)}`,
          metric: 'container/memory/utilizations',
          aggregation: fullest,
          above: limits.maxMemoryUtilization,
          forSeconds: FIVE_MINUTES,
        },
      ],
    },
    {
      id: 'errors',
      title: 'Requests fail',
      severity: 'CRITICAL',
      meaning: `More than ${percent(limits.maxErrorRate)} of the answers are 5xx.`,
      commands: [status, rollback('requests fail')],
      conditions: [
        {
          name: `5xx > ${percent(limits.maxErrorRate)} of all answers`,
          metric: 'request_count',
          labels: { 'metric.labels.response_code_class': '5xx' },
          aggregation: sum(WINDOW_SECONDS),
          ofAll: true,
          above: limits.maxErrorRate,
          forSeconds: 0,
        },
        enough,
      ],
    },
    {
      id: 'gpu-memory',
      title: 'GPU memory is nearly full',
      severity: 'WARNING',
      meaning: `More than ${percent(limits.maxGpuMemoryUtilization)} of a GPU's memory is in use: more than vLLM was given. The next page may be one too many.`,
      commands: [status, rollback('GPU memory is nearly full')],
      conditions: [
        {
          name: `GPU memory > ${percent(limits.maxGpuMemoryUtilization)}`,
          metric: 'container/gpu/memory_utilizations',
          aggregation: fullest,
          above: limits.maxGpuMemoryUtilization,
          forSeconds: FIVE_MINUTES,
        },
      ],
    },
    {
      id: 'cold-start',
      title: 'Starts are slow',
      severity: 'WARNING',
      meaning: `p95 from the start of an instance until it is ready is over ${limits.maxStartSeconds} s. When the startup probe gives up, no instance gets ready at all.`,
      commands: [status, rollback('starts are slow')],
      conditions: [
        {
          name: `p95 start > ${limits.maxStartSeconds} s`,
          metric: 'container/startup_latencies',
          aggregation: p95,
          above: limits.maxStartSeconds * MILLISECONDS,
          forSeconds: 0,
        },
      ],
    },
    {
      id: 'throttled',
      title: 'Requests wait in vain',
      severity: 'ERROR',
      meaning: `More than ${limits.maxWaiting} requests wait for an instance, for ${FIVE_MINUTES / MINUTE} minutes without a break; Cloud Run answers 429 to those that wait too long. More load than \`scaling.maxInstances\` carries, a quota that is used up, or no GPU to be had in the region.`,
      commands: [status],
      conditions: [
        {
          name: `waiting requests > ${limits.maxWaiting}`,
          metric: 'pending_queue/pending_requests',
          aggregation: { alignmentSeconds: MINUTE, aligner: 'ALIGN_MAX', reducer: 'REDUCE_SUM' },
          above: limits.maxWaiting,
          forSeconds: FIVE_MINUTES,
        },
      ],
    },
  ];
}

/** What Cloud Monitoring calls its policy; the API makes the id. */
export const alertName = ({ service, name }: Deployment, { title }: Alert): string =>
  `${service} (${name}): ${title}`;

/** Where `docs/alerts.md` says more about an alert: a heading's anchor, as GitHub makes them. */
export const alertAnchor = ({ title }: Alert): string => title.toLowerCase().replaceAll(' ', '-');

/** What the one who is woken reads: what it means, the commands, the section. Markdown. */
export function runbook(alert: Alert, { github }: Deployment): string {
  const page = `docs/alerts.md#${alertAnchor(alert)}`;
  const link =
    github.repository === undefined ? page : `https://github.com/${github.repository}/blob/main/${page}`;
  return [alert.meaning, '', '```', ...alert.commands, '```', '', `Runbook: ${link}`].join('\n');
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;
