import type { StartupProbe } from '../deployment';
import { type Rule, when } from './rule';

/** Cloud Run's limit for initial delay and period of a start-up probe: https://cloud.google.com/run/docs/configuring/healthchecks */
const MAX_SECONDS = 240;
/** Its limit for failure threshold × period of a service with a GPU. */
const MAX_TOTAL_SECONDS = 1800;
/** Median start of vLLM with a small model on Cloud Run, as others measured it; not yet measured with this image. */
const MEDIAN_START_SECONDS = 50;

/** The longest that an instance may take until the probe gives up. */
export function startupBudgetSeconds(probe: StartupProbe): number {
  return probe.initialDelaySeconds + probe.failureThreshold * probe.periodSeconds;
}

/** Ranges of the start-up probe: the provider checks none of them, the API only at the apply. */
export const probeRule: Rule = ({ probe }) => [
  ...when(probe.initialDelaySeconds > MAX_SECONDS, {
    code: 'PROBE_INITIAL_DELAY',
    key: 'probe.initialDelaySeconds',
    got: probe.initialDelaySeconds,
    reason: `Cloud Run takes 0 to ${MAX_SECONDS}.`,
    remedy: 'Write 0: a probe with a short period finds the moment by itself.',
  }),
  ...when(probe.initialDelaySeconds > MEDIAN_START_SECONDS && probe.initialDelaySeconds <= MAX_SECONDS, {
    code: 'PROBE_DELAYS_START',
    key: 'probe.initialDelaySeconds',
    got: probe.initialDelaySeconds,
    reason: `No instance is ready before ${probe.initialDelaySeconds} s, however fast vLLM starts (others: about ${MEDIAN_START_SECONDS} s).`,
    remedy: 'Write 0 with a short probe.periodSeconds.',
    severity: 'warning',
  }),
  ...when(probe.periodSeconds < 1 || probe.periodSeconds > MAX_SECONDS, {
    code: 'PROBE_PERIOD',
    key: 'probe.periodSeconds',
    got: probe.periodSeconds,
    reason: `Cloud Run takes 1 to ${MAX_SECONDS}.`,
    remedy: `Write 1 to ${MAX_SECONDS}, for example 1.`,
  }),
  ...when(probe.timeoutSeconds < 1 || probe.timeoutSeconds > probe.periodSeconds, {
    code: 'PROBE_TIMEOUT',
    key: 'probe.timeoutSeconds',
    got: probe.timeoutSeconds,
    reason: `A probe must end before the next begins: 1 to probe.periodSeconds, which is ${probe.periodSeconds}.`,
    remedy: `Write 1 to ${probe.periodSeconds}.`,
  }),
  ...when(probe.failureThreshold * probe.periodSeconds > MAX_TOTAL_SECONDS, {
    code: 'PROBE_TOTAL',
    key: 'probe.failureThreshold',
    got: `${probe.failureThreshold} × ${probe.periodSeconds} s = ${probe.failureThreshold * probe.periodSeconds} s`,
    reason: `Cloud Run gives a service with a GPU at most ${MAX_TOTAL_SECONDS} s of probing.`,
    remedy: `Lower it to ${Math.floor(MAX_TOTAL_SECONDS / probe.periodSeconds)} or less.`,
  }),
  ...when(probe.type === 'http' && probe.path?.startsWith('/') !== true, {
    code: 'PROBE_PATH',
    key: 'probe.path',
    got: probe.path ?? 'nothing',
    reason: 'An HTTP probe needs a path that begins with /.',
    remedy: 'Write /health, where vLLM tells whether its engine is up.',
  }),
  ...when(probe.type === 'tcp' && probe.path !== undefined, {
    code: 'PROBE_PATH_UNUSED',
    key: 'probe.path',
    got: probe.path ?? '',
    reason: 'A TCP probe only opens the port and has no path.',
    remedy: 'Take it out, or set probe.type to http.',
  }),
];
