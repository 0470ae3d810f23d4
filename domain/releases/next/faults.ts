import type { Failure } from '../../failure';
import type { Action } from './action';

/**
 * What passes: too many requests, a fault of the server's, no connection, an answer that is not the thing, a read that is older
 * than what was seen before. A 500 of Cloud Run or Cloud Storage is theirs too (https://google.aip.dev/194 retries 503 alone;
 * both products document 500 as well, https://cloud.google.com/storage/docs/retry-strategy).
 */
const PASSES = /^API_(408|429|500|502|503|504|NOT_REACHABLE|MALFORMED|STALE)$/;

export const isTransient = ({ code }: Failure): boolean => PASSES.test(code);

/** Pauses before the tries that follow a fault, in seconds, each times 0.5 to 1.5: about a minute together. */
const PAUSES = [0.5, 1, 2, 4, 8, 15, 15, 15] as const;

/** Seconds to wait after so many faults in a row; undefined where it has not passed. Whoever waits adds the jitter. */
export const pauseBefore = (faults: number): number | undefined => PAUSES[faults - 1];

/** The pause before the next try; undefined where the fault does not pass, or has not passed. */
export function tryAgain(
  fault: Failure,
  faults: { readonly reads: number; readonly acts: number },
): Action | undefined {
  if (!isTransient(fault)) return undefined;
  const seconds = pauseBefore(Math.max(faults.reads, faults.acts));
  return seconds === undefined
    ? undefined
    : { do: 'pause', seconds, say: `${fault.message} (${fault.code}); trying again` };
}
