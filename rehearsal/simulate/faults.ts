import { Failure } from '../../domain/failure';
import { ApiError } from '../../release/adapters/google/googleApi';
import { malformed } from '../../release/adapters/google/answer';
import type { Random } from '../../domain/random';

/** What can become of one call. `after`: it landed all the same. */
export type Fault =
  | { readonly is: 'kill'; readonly when: 'before' | 'after' }
  | { readonly is: 'status'; readonly status: 403 | 429 | 500 | 503; readonly when: 'before' | 'after' }
  | { readonly is: 'reset'; readonly when: 'before' | 'after' | 'late' }
  | { readonly is: 'malformed'; readonly when: 'after' }
  | { readonly is: 'stale'; readonly writes: number };

/** A fault that was dealt, by the number of the call in its schedule: what is printed, and what shrinking leaves out. */
export interface Dealt {
  readonly call: number;
  readonly actor: string;
  readonly port: string;
  readonly fault: Fault;
}

/** How often calls fail in one schedule, and how. */
export interface FaultRates {
  /** Of each call. */
  readonly transient: number;
  readonly kill: number;
  readonly stale: number;
  readonly denied: number;
}

export function drawRates(random: Random): FaultRates {
  if (random.chance(0.2)) return { transient: 0, kill: 0, stale: 0, denied: 0 };
  return {
    transient: random.pick([0, 0.02, 0.05, 0.12]),
    kill: random.pick([0, 0, 0.01, 0.03]),
    stale: random.pick([0, 0, 0.05, 0.2]),
    denied: random.pick([0, 0, 0, 0.005]),
  };
}

/** The fault of a call, or none. Draws the same numbers whatever comes of them, so that leaving one out moves no other. */
export function drawFault(
  random: Random,
  rates: FaultRates,
  port: string,
  writes: boolean,
): Fault | undefined {
  const [kind, detail] = [random(), random()];
  const when = detail < 0.5 ? 'before' : 'after';
  let limit = rates.kill;
  if (kind < limit) return { is: 'kill', when };
  limit += rates.denied;
  if (kind < limit) return { is: 'status', status: 403, when: 'before' };
  limit += rates.transient;
  if (kind < limit) {
    const which = Math.floor(detail * 10);
    if (which < 5)
      return {
        is: 'status',
        status: ([429, 503, 500, 503, 503] as const)[which]!,
        when: which % 2 ? 'after' : 'before',
      };
    if (which < 8)
      return { is: 'reset', when: writes ? (['before', 'after', 'late'] as const)[which - 5]! : 'before' };
    return { is: 'malformed', when: 'after' };
  }
  limit += rates.stale;
  if (kind < limit && port === 'cloudRun.service') return { is: 'stale', writes: 1 + Math.floor(detail * 3) };
  return undefined;
}

/** What whoever called gets to see; undefined where it sees no answer at all, or a good one. */
export function errorOf(fault: Fault, port: string): Failure | undefined {
  const where = port.startsWith('ledger')
    ? 'https://storage/ledger-bucket/ledger.json'
    : `https://run/${port}`;
  const details = { where, remedy: 'run the same command again' };
  if (fault.is === 'status') return new ApiError(fault.status, `HTTP ${fault.status}`, details);
  if (fault.is === 'malformed') return malformed({ path: port }, '<html>');
  if (fault.is === 'reset')
    return new Failure({ code: 'API_NOT_REACHABLE', message: 'connection reset', ...details, exitCode: 3 });
  return undefined;
}
