import { Failure } from '../domain/failure';
import type { LogEntry } from '../domain/logs/logEntry';
import type { Clock } from '../ocr/clock';
import { isStatus } from '../release/adapters/google/googleApi';
import type { LogQuery, Logs } from './logs';

export interface FollowOptions {
  readonly clock: Clock;
  /** Ends it, quietly. */
  readonly signal: AbortSignal;
  /** Gets what is new, in the order of its times within one look. */
  readonly show: (entries: readonly LogEntry[]) => void;
  /** A look that failed and is tried again. */
  readonly progress: (line: string) => void;
}

/** 20 looks a minute, of the 60 that a project has (https://cloud.google.com/logging/quotas). */
const LOOK_SECONDS = 3;
/** Longest pause after looks that failed. */
const MAX_PAUSE_SECONDS = 60;
/**
 * How much later than others of its time an entry may come and still be shown. Cloud Run's come within seconds; Cloud Logging
 * promises nothing, so this is a choice: every look reads so much again.
 */
const LATE_MILLISECONDS = 300_000;

/**
 * Shows a service's lines as they come, each once, until the signal fires. Looks again and again from a while before the
 * newest line, and tells known ones by log, time and `insertId`: what comes late is shown late, not lost. A look that fails
 * for a passing reason loses nothing either, because the next one starts where it did.
 * (Cloud Logging's own tail is gRPC alone: https://cloud.google.com/logging/docs/reference/v2/rpc.)
 * @param query its `limit` is for what was there before; `to` has no meaning.
 * @throws ApiError where trying again does not help, as a missing permission.
 */
export async function followLogs(logs: Logs, query: LogQuery, options: FollowOptions): Promise<void> {
  const { clock, signal, show, progress } = options;
  const seen = new Map<string, string>();
  let from = query.from;
  /** What the first look left out on purpose is not shown as late. */
  let oldest = '';
  let limit = query.limit ?? Infinity;
  let pause = LOOK_SECONDS;

  while (!signal.aborted) {
    try {
      const { entries, more } = await logs.read({ ...query, from, limit, signal });
      if (more) oldest = entries[0]?.at ?? '';
      const fresh = entries.filter(({ id, at }) => !seen.has(id) && at >= oldest);
      for (const { id, at } of fresh) seen.set(id, at);
      if (fresh.length > 0) show(fresh);
      const newest = entries.at(-1)?.at;
      if (newest !== undefined) {
        // A line may claim to be of the future; the next look does not start there.
        const until = Math.min(Date.parse(newest), clock.now().getTime());
        from = new Date(Math.max(from.getTime(), until - LATE_MILLISECONDS));
        for (const [id, at] of seen) if (Date.parse(at) < from.getTime()) seen.delete(id);
      }
      limit = Infinity;
      pause = LOOK_SECONDS;
    } catch (error) {
      if (signal.aborted) return;
      if (!mayPass(error)) throw error;
      pause = Math.min(2 * pause, MAX_PAUSE_SECONDS);
      progress(`Cloud Logging: ${error.message}; looking again in ${pause} s`);
    }
    await clock.sleep(pause, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

function mayPass(error: unknown): error is Failure {
  const unreachable = error instanceof Failure && error.code === 'API_NOT_REACHABLE';
  return unreachable || isStatus(error, 429, 500, 502, 503, 504);
}
