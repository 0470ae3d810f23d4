import { type Rule, when } from './rule';

/** Cloud Run kills 10 s after SIGTERM: https://cloud.google.com/run/docs/container-contract */
const KILL_SECONDS = 10;
/** Above it nothing is left for vLLM to end. */
const MAX_SECONDS = 8;
/** vLLM 0.30.0, idle again, ended 10.03 s after SIGTERM with a time-out of 8: measured on a CPU. */
const ENDING_SECONDS = 2.03;
/** vLLM is gone two seconds before it is killed, for a CPU that is busier; the time-out of `standard`. */
const GOOD_SECONDS = 6;

/** Pages in flight when an instance is taken down. */
export const shutdownRule: Rule = ({ vllm: { shutdownTimeoutSeconds } }) => [
  ...when(shutdownTimeoutSeconds > MAX_SECONDS, {
    code: 'SHUTDOWN_TOO_LONG',
    key: 'vllm.shutdownTimeoutSeconds',
    got: shutdownTimeoutSeconds,
    reason: `Cloud Run kills the container ${KILL_SECONDS} s after SIGTERM; above ${MAX_SECONDS} vLLM is cut off while it waits.`,
    remedy: `Write ${GOOD_SECONDS} or less.`,
  }),
  ...when(shutdownTimeoutSeconds <= MAX_SECONDS && shutdownTimeoutSeconds + ENDING_SECONDS > KILL_SECONDS, {
    code: 'SHUTDOWN_OVERRUNS',
    key: 'vllm.shutdownTimeoutSeconds',
    got: shutdownTimeoutSeconds,
    reason: `vLLM needs ${ENDING_SECONDS} s more to end, and Cloud Run kills it ${KILL_SECONDS} s after SIGTERM.`,
    remedy: `Write ${GOOD_SECONDS}.`,
    severity: 'warning',
  }),
  ...when(shutdownTimeoutSeconds === 0, {
    code: 'SHUTDOWN_ABORTS_PAGES',
    key: 'vllm.shutdownTimeoutSeconds',
    got: shutdownTimeoutSeconds,
    reason: 'With 0, vLLM aborts the pages in flight when an instance is taken down.',
    remedy: `Write ${GOOD_SECONDS}.`,
    severity: 'warning',
  }),
];
