import type { GoldenAnswer, GoldenPair } from '../../domain/canary/golden';
import type { CanaryPorts, Side } from './canaryPorts';

/** `full`: the next pair as soon as there is room for it. */
export type Pace = 'full' | { readonly pauseSeconds: number };

interface Sending {
  readonly signal: AbortSignal;
  /** False where stable has no traffic: then times are not compared. */
  readonly timed: boolean;
  pace(): Pace;
  onPair(): void;
  onRound(): void;
}

/** Pairs under way at a time. More would be a load of their own on one instance of eight sequences. */
const PAIRS_AT_A_TIME = 2;
/** Where pages take longer than this, twice as many: else a slow service would not be known within its steps. */
const SLOW_PAGE_SECONDS = 10;
/** After a pair that says nothing (429, an outage, no token). */
const PAUSE_SECONDS = 5;

/**
 * Sends the golden pages to both revisions, each page of the set once a round and in random order, the two of a pair at the same
 * time and in random order. Goes on where it stopped when the canary moves to its next step.
 */
export function sendRounds(ports: CanaryPorts, maxPages: number, add: (pair: GoldenPair) => void) {
  const { clock } = ports;
  const known = new Set<string>();
  let queue: string[] = [];
  let pairs = 0;
  let stableSeconds = 0;
  let suspicious = false;
  const isExhausted = () => (pairs + 1) * 2 > maxPages;

  async function sendPair({ signal, timed, onPair }: Sending): Promise<void> {
    const page = queue.pop()!;
    pairs++;
    const order: Side[] = ports.random() < 0.5 ? ['candidate', 'stable'] : ['stable', 'candidate'];
    const answers = await Promise.all(order.map((side) => ports.read(page, side, signal))).catch(
      (error: unknown) => {
        // The step has ended: the page belongs to the round still.
        queue.push(page);
        throw error;
      },
    );
    const [candidate, stable] = order[0] === 'candidate' ? answers : answers.toReversed();
    const pair = { page, candidate: candidate!, stable: stable!, timed: timed && known.has(page) };
    if (isRead(pair.candidate) && isRead(pair.stable)) known.add(page);
    if (pair.stable.seconds !== undefined) stableSeconds = pair.stable.seconds;
    suspicious ||= !isRead(pair.candidate) && isRead(pair.stable);
    add(pair);
    onPair();
    if (!isRead(pair.candidate) && !isRead(pair.stable)) await clock.sleep(PAUSE_SECONDS, signal);
  }

  const worker = async (sending: Sending): Promise<void> => {
    while (queue.length > 0 && !sending.signal.aborted && !isExhausted()) await sendPair(sending);
  };

  return {
    /** True when another pair would be more than may be sent. */
    get exhausted() {
      return isExhausted();
    },
    async send(sending: Sending): Promise<void> {
      const { signal } = sending;
      while (!signal.aborted && !isExhausted() && ports.pages.length > 0) {
        if (queue.length === 0) {
          queue = shuffled(ports.pages, ports.random);
          suspicious = false;
        }
        const pace = sending.pace();
        if (pace === 'full' || suspicious) {
          const atATime = PAIRS_AT_A_TIME * (stableSeconds > SLOW_PAGE_SECONDS ? 2 : 1);
          await Promise.all(Array.from({ length: atATime }, () => worker(sending)));
        } else {
          await sendPair(sending);
          await clock.sleep(pace.pauseSeconds, signal);
        }
        if (queue.length === 0 && !signal.aborted) sending.onRound();
      }
    },
  };
}

const isRead = ({ outcome }: GoldenAnswer) => outcome === 'read';

/** Fisher and Yates. */
function shuffled(pages: readonly string[], random: () => number): string[] {
  const order = [...pages];
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}
