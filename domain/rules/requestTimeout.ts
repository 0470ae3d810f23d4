import { startupBudgetSeconds } from './probe';
import { type Rule, when } from './rule';

/** https://cloud.google.com/run/docs/configuring/request-timeout */
const MAX_SECONDS = 3600;

/** A request that starts an instance waits for it: its time-out has to be longer than the start may take. */
export const requestTimeoutRule: Rule = ({ requestTimeoutSeconds, probe, release }) => {
  const startSeconds = Math.max(startupBudgetSeconds(probe), release.smoke.coldStartSeconds);
  return [
    ...when(requestTimeoutSeconds > MAX_SECONDS, {
      code: 'REQUEST_TIMEOUT_TOO_LONG',
      key: 'requestTimeoutSeconds',
      got: requestTimeoutSeconds,
      reason: `Cloud Run allows ${MAX_SECONDS} s at most.`,
      remedy: `Write ${MAX_SECONDS} or less.`,
    }),
    ...when(requestTimeoutSeconds <= startSeconds, {
      code: 'REQUEST_TIMEOUT_BELOW_START',
      key: 'requestTimeoutSeconds',
      got: requestTimeoutSeconds,
      reason: `A cold start may take ${startSeconds} s (probe: initial delay + failure threshold × period; release.smoke.coldStartSeconds), and it counts into the request that waits for it.`,
      remedy: `Write more than ${startSeconds}, with room for a page; or shorten the probe and release.smoke.coldStartSeconds.`,
    }),
  ];
};
