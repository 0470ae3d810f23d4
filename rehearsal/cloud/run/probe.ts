import type { LiveProbe } from '../../../domain/service/liveTemplate';
import { type Clock, deadlineBy } from '../../../ocr/clock';
import type { Listening } from './listening';

/** Cloud Run's probe when the template has none: TCP, one attempt of 240 s. */
const DEFAULT_PROBE: LiveProbe = {
  timeoutSeconds: 240,
  periodSeconds: 240,
  failureThreshold: 1,
  tcpSocket: {},
};
/** How a startup probe went: as many attempts as it took, or as there were. */
export interface ProbeResult {
  readonly passed: boolean;
  readonly attempts: number;
}

/** Pause between two connects within one TCP attempt. */
const TCP_RETRY_SECONDS = 0.05;

/** What a probe is called in the logs: `STARTUP HTTP probe`, `Default STARTUP TCP probe`. */
export function probeName(probe: LiveProbe | undefined): string {
  if (probe === undefined) return 'Default STARTUP TCP probe';
  return `STARTUP ${probe.httpGet ? 'HTTP' : 'TCP'} probe`;
}

/**
 * Runs a startup probe with its configured numbers: after the delay, an attempt each period until one passes or the threshold
 * is reached. A TCP attempt tries to connect for the whole of its time-out (that is how the default probe can work at all).
 * Rejects with the signal's reason when it fires.
 */
export async function passesStartupProbe(
  probe = DEFAULT_PROBE,
  container: Listening,
  clock: Clock,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10, failureThreshold = 3 } = probe;
  const now = () => clock.now().getTime();
  if (initialDelaySeconds > 0) await clock.sleep(initialDelaySeconds, signal);
  for (let attempt = 1; attempt <= failureThreshold; attempt++) {
    const started = now();
    const limit = deadlineBy(clock)(timeoutSeconds);
    const within = AbortSignal.any([signal, limit.signal]);
    const passed = probe.httpGet
      ? httpAnswers(container, probe.httpGet.path ?? '/', within)
      : tcpAnswers(container, clock, within);
    if (await passed.finally(limit.end)) return { passed: true, attempts: attempt };
    signal.throwIfAborted();
    if (attempt < failureThreshold) await clock.sleep(periodSeconds - (now() - started) / 1000, signal);
  }
  return { passed: false, attempts: failureThreshold };
}

async function httpAnswers(container: Listening, path: string, signal: AbortSignal): Promise<boolean> {
  const status = (await container.status(path, signal)) ?? 0;
  return status >= 200 && status < 400;
}

async function tcpAnswers(container: Listening, clock: Clock, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await container.connects()) return true;
    await clock.sleep(TCP_RETRY_SECONDS, signal).catch(() => undefined);
  }
  return false;
}
