import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveProbe } from '../../../domain/service/liveTemplate';

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
const TCP_RETRY_MILLISECONDS = 50;

/** What a probe is called in the logs: `STARTUP HTTP probe`, `Default STARTUP TCP probe`. */
export function probeName(probe: LiveProbe | undefined): string {
  if (probe === undefined) return 'Default STARTUP TCP probe';
  return `STARTUP ${probe.httpGet ? 'HTTP' : 'TCP'} probe`;
}

/**
 * Runs a startup probe with its configured numbers: after the delay, an attempt each period until one passes or the threshold
 * is reached. A TCP attempt tries to connect for the whole of its time-out (that is how the default probe can work at all).
 * Rejects with an AbortError when the signal fires.
 */
export async function passesStartupProbe(
  probe = DEFAULT_PROBE,
  port: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10, failureThreshold = 3 } = probe;
  await sleep(initialDelaySeconds * 1000, undefined, { signal });
  for (let attempt = 1; attempt <= failureThreshold; attempt++) {
    const period = sleep(periodSeconds * 1000, undefined, { signal });
    period.catch(() => undefined);
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
    const passed = probe.httpGet
      ? httpAnswers(port, probe.httpGet.path ?? '/', timeout)
      : tcpAnswers(port, timeout);
    if (await passed) return { passed: true, attempts: attempt };
    signal.throwIfAborted();
    if (attempt < failureThreshold) await period;
  }
  return { passed: false, attempts: failureThreshold };
}

function httpAnswers(port: number, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path, signal, agent: false }, (response) => {
      const { statusCode = 0 } = response.resume();
      resolve(statusCode >= 200 && statusCode < 400);
    }).on('error', () => resolve(false));
  });
}

async function tcpAnswers(port: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port }, () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (connected) return true;
    await sleep(TCP_RETRY_MILLISECONDS);
  }
  return false;
}
