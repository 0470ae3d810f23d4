import type { Random } from '../../domain/random';
import { GoogleError } from '../cloud/googleError';
import type { Asked } from '../cloud/door';

/** What goes wrong while a backlog is read, each at a part of its documents. */
export const FAULTS = [
  'task killed',
  'reading process killed',
  'service instance killed',
  'storm of 429',
  'storage answers 503',
  'right to write lost',
  'rolled back',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface PlannedFault {
  readonly fault: Fault;
  /** Documents that are done when it strikes. */
  readonly after: number;
}

/** Kills by turns, the others once each; the same for the same seed. */
export function planFaults(documents: number, random: Random): PlannedFault[] {
  const kills: Fault[] = ['task killed', 'reading process killed', 'service instance killed', 'task killed'];
  return [...FAULTS.slice(3), ...kills]
    .map((fault) => ({ fault, after: 1 + random.below(Math.max(1, Math.floor(documents * 0.8))) }))
    .sort((one, other) => one.after - other.after);
}

/** Requests that a storm answers: each one of Cloud Storage's is waited out by whoever asked, twice as long as the one before. */
const STORM = { overloaded: 30, storage: 8, writes: 8 };

/** Answers in place of the local cloud, for so many requests of a kind. */
export function storms() {
  const left = { overloaded: 0, storage: 0, writes: 0 };
  return {
    begin(kind: keyof typeof left): void {
      left[kind] = STORM[kind];
    },
    answer({ path, method }: Asked): GoogleError | undefined {
      const isStorage = /^\/(upload\/)?storage\//.test(path);
      if (left.overloaded > 0 && path.startsWith('/run/') && method === 'POST') {
        left.overloaded -= 1;
        return new GoogleError(
          'RESOURCE_EXHAUSTED',
          'The request was aborted because there was no available instance.',
        );
      }
      if (left.storage > 0 && isStorage) {
        left.storage -= 1;
        return new GoogleError('UNAVAILABLE', 'We encountered an internal error. Please try again.');
      }
      if (left.writes > 0 && isStorage && method === 'POST') {
        left.writes -= 1;
        return new GoogleError('PERMISSION_DENIED', 'caller does not have storage.objects.create access.');
      }
      return undefined;
    },
  };
}
