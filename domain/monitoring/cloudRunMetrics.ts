import type { Deployment } from '../deployment';

/**
 * Cloud Run's metrics, `run.googleapis.com/…` of `cloud_run_revision`
 * (https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-run). `unit` is the one that thresholds are written in.
 * `request_count` and `request_latencies` know only what reached an instance: neither the wait for one, nor the 429 of a
 * request that got none, nor a caller that IAM turned away. Requests that wait are `pending_requests`, whose kind is not
 * confirmed, nor that of the two GPU metrics; those two's aligners work for both kinds.
 */
export const CLOUD_RUN_METRICS = {
  request_count: { kind: 'DELTA', value: 'INT64', unit: 'requests' },
  request_latencies: { kind: 'DELTA', value: 'DISTRIBUTION', unit: 'ms' },
  'pending_queue/pending_requests': { kind: 'GAUGE', value: 'INT64', unit: 'requests' },
  'container/instance_count': { kind: 'GAUGE', value: 'INT64', unit: 'instances' },
  'container/startup_latencies': { kind: 'DELTA', value: 'DISTRIBUTION', unit: 'ms' },
  'container/memory/utilizations': { kind: 'DELTA', value: 'DISTRIBUTION', unit: 'share' },
  'container/gpu/utilizations': { kind: 'GAUGE or DELTA', value: 'DISTRIBUTION', unit: 'share' },
  'container/gpu/memory_utilizations': { kind: 'GAUGE or DELTA', value: 'DISTRIBUTION', unit: 'share' },
} as const;

export type CloudRunMetric = keyof typeof CLOUD_RUN_METRICS;

export type Aligner =
  'ALIGN_DELTA' | 'ALIGN_RATE' | 'ALIGN_MAX' | 'ALIGN_PERCENTILE_99' | 'ALIGN_PERCENTILE_50';
export type Reducer =
  'REDUCE_SUM' | 'REDUCE_MAX' | 'REDUCE_MEAN' | 'REDUCE_PERCENTILE_50' | 'REDUCE_PERCENTILE_95';

/** How the samples of a metric become one line or one number (https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#aggregation). */
export interface Aggregation {
  readonly alignmentSeconds: number;
  readonly aligner: Aligner;
  readonly reducer: Reducer;
  /** One line for each value of these labels; none: one line for the whole service. */
  readonly groupBy?: readonly string[];
}

/** The filter that picks a metric of the deployment's service. @param labels further ones, such as a response code. */
export function metricFilter(
  { region, service }: Deployment,
  metric: CloudRunMetric,
  labels: Readonly<Record<string, string>> = {},
): string {
  const conditions = {
    'metric.type': `run.googleapis.com/${metric}`,
    'resource.type': 'cloud_run_revision',
    'resource.labels.location': region,
    'resource.labels.service_name': service,
    ...labels,
  };
  return Object.entries(conditions)
    .map(([key, value]) => `${key} = "${value}"`)
    .join(' AND ');
}
