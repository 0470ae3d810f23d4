import { type Rule, when } from './rule';

/** Cloud Run kills 10 s after SIGTERM; 2 of them are for vLLM to end (https://cloud.google.com/run/docs/container-contract). */
const MAX_SECONDS = 8;

/** Pages in flight when an instance is taken down. */
export const shutdownRule: Rule = ({ vllm: { shutdownTimeoutSeconds } }) => [
  ...when(shutdownTimeoutSeconds > MAX_SECONDS, {
    code: 'SHUTDOWN_TOO_LONG',
    key: 'vllm.shutdownTimeoutSeconds',
    got: shutdownTimeoutSeconds,
    reason: `Cloud Run kills the container 10 s after SIGTERM; above ${MAX_SECONDS} vLLM is cut off while it waits.`,
    remedy: `Write ${MAX_SECONDS} or less.`,
  }),
  ...when(shutdownTimeoutSeconds === 0, {
    code: 'SHUTDOWN_ABORTS_PAGES',
    key: 'vllm.shutdownTimeoutSeconds',
    got: shutdownTimeoutSeconds,
    reason: 'With 0, vLLM aborts the pages in flight when an instance is taken down.',
    remedy: `Write ${MAX_SECONDS}.`,
    severity: 'warning',
  }),
];
