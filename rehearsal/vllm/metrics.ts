import type { VllmOptions } from './args';

export interface Counts {
  readonly running: number;
  readonly waiting: number;
  /** By `finish_reason`. */
  readonly finished: Readonly<Record<string, number>>;
  readonly pagesRead: number;
}

/** Why a request ended, each with a counter of its own. */
const REASONS = ['stop', 'length', 'abort', 'error', 'repetition'] as const;

/**
 * The part of vLLM's `/metrics` that is looked at, with its labels: the engine's number, and as the model's name the folder
 * that it was read from (`HF_HUB_OFFLINE` has vLLM put that in place of the id). `stand_in:pages_read_total` is its own.
 */
export function metricsText({ model }: VllmOptions, counts: Counts): string {
  const folder = `/model-cache/hub/models--${model.replaceAll('/', '--')}/snapshots/${'0'.repeat(40)}`;
  const label = `engine="0",model_name=${JSON.stringify(folder)}`;
  const reasons = REASONS.map(
    (reason) =>
      [
        `{engine="0",finished_reason="${reason}",model_name=${JSON.stringify(folder)}}`,
        counts.finished[reason] ?? 0,
      ] as const,
  );
  return [
    metric('vllm:num_requests_running', 'gauge', [[`{${label}}`, counts.running]]),
    metric('vllm:num_requests_waiting', 'gauge', [[`{${label}}`, counts.waiting]]),
    metric('vllm:request_success_total', 'counter', reasons),
    metric('stand_in:pages_read_total', 'counter', [['', counts.pagesRead]]),
  ].join('');
}

/** In the form of Prometheus, numbers with their point as Python writes them. */
const metric = (name: string, type: string, values: readonly (readonly [string, number])[]) =>
  [
    `# TYPE ${name} ${type}`,
    ...values.map(([labels, value]) => `${name}${labels} ${value.toFixed(1)}`),
    '',
  ].join('\n');
