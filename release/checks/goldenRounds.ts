import type { GoldenAnswer, GoldenPair } from '../../domain/canary/golden';
import type { CanaryPorts, Side } from './canaryPorts';

/** `full`: the next pair as soon as there is room for it; `single`: one pair at a time. */
export type Pace = 'full' | 'single' | { readonly pauseSeconds: number };

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
/** One that takes longer waits, for a cold start as a rule, and is no load: another is sent beside it, up to the most. */
const SLOW_PAIR_SECONDS = 10;
const MOST_PAIRS_AT_A_TIME = 4;
/** Rounds that may wait for their last page at a time. */
const MOST_ROUNDS = 4;
/** After a pair that says nothing (429, an outage, no token); twice as long after each further one, up to the most. */
const PAUSE_SECONDS = { least: 5, most: 40 };

/** Every page of the set once. */
interface Round {
  readonly queue: string[];
  unread: number;
}

/**
 * Sends the golden pages to both revisions, each page of the set once a round and in random order, the two of a pair at the same
 * time and in random order. Goes on where it stopped when the canary moves to its next step. A round begins while the last page of
 * the one before is read, which may be a cold start.
 */
export function sendRounds(ports: CanaryPorts, maxPages: number, add: (pair: GoldenPair) => void) {
  const { clock } = ports;
  const known = new Set<string>();
  /** Oldest first; all before them are read. */
  const rounds: Round[] = [];
  let pairs = 0;
  let pauseSeconds = PAUSE_SECONDS.least;
  const isExhausted = () => (pairs + 1) * 2 > maxPages;

  /** The page that is next; undefined while too many rounds wait for their last page. */
  function nextPage(): { page: string; round: Round } | undefined {
    if (rounds.every(({ queue }) => queue.length === 0) && rounds.length < MOST_ROUNDS) {
      rounds.push({ queue: shuffled(ports.pages, ports.random), unread: ports.pages.length });
    }
    const round = rounds.find(({ queue }) => queue.length > 0);
    return round && { round, page: round.queue.pop()! };
  }

  async function sendPair(page: string, { signal, timed, onPair }: Sending): Promise<GoldenPair> {
    const order: Side[] = ports.random() < 0.5 ? ['candidate', 'stable'] : ['stable', 'candidate'];
    const answers = await Promise.all(order.map((side) => ports.read(page, side, signal)));
    const [candidate, stable] = order[0] === 'candidate' ? answers : answers.toReversed();
    const pair = { page, candidate: candidate!, stable: stable!, timed: timed && known.has(page) };
    if (isRead(pair.candidate) && isRead(pair.stable)) known.add(page);
    add(pair);
    onPair();
    return pair;
  }

  async function sendNext(page: string, round: Round, sending: Sending): Promise<void> {
    pairs++;
    const { candidate, stable } = await sendPair(page, sending).catch((error: unknown) => {
      // The step has ended: the page belongs to the round still.
      round.queue.push(page);
      throw error;
    });
    round.unread--;
    const isFirst = round === rounds[0];
    while (rounds[0]?.unread === 0) rounds.shift();
    if (isFirst && round !== rounds[0]) sending.onRound();
    // A page that no instance was had for is no load.
    if ([candidate, stable].some(({ outcome }) => UNREAD.includes(outcome))) pairs--;
    if (isRead(candidate) || isRead(stable)) {
      pauseSeconds = PAUSE_SECONDS.least;
    } else {
      const seconds = pauseSeconds;
      pauseSeconds = Math.min(PAUSE_SECONDS.most, 2 * seconds);
      await clock.sleep(seconds, sending.signal);
    }
  }

  function hasRoom(pace: Pace, underWay: ReadonlyMap<unknown, Date>): boolean {
    const slowSince = clock.now().getTime() - SLOW_PAIR_SECONDS * 1000;
    const quick = [...underWay.values()].filter((sentAt) => sentAt.getTime() > slowSince).length;
    return underWay.size < MOST_PAIRS_AT_A_TIME && quick < (pace === 'full' ? PAIRS_AT_A_TIME : 1);
  }

  return {
    /** True when another pair would be more than may be sent. */
    get exhausted() {
      return isExhausted();
    },
    async send(sending: Sending): Promise<void> {
      const { signal } = sending;
      const underWay = new Map<Promise<void>, Date>();
      while (!signal.aborted && !isExhausted() && ports.pages.length > 0) {
        const next = hasRoom(sending.pace(), underWay) ? nextPage() : undefined;
        if (next === undefined) {
          await Promise.race(underWay.keys());
          continue;
        }
        const sent = sendNext(next.page, next.round, sending).finally(() => underWay.delete(sent));
        sent.catch(() => undefined); // whoever waits for it below gets the error
        underWay.set(sent, clock.now());
        if (typeof sending.pace() !== 'object') continue;
        await sent;
        const pace = sending.pace();
        if (typeof pace === 'object') await clock.sleep(pace.pauseSeconds, signal);
      }
      await Promise.all(underWay.keys());
    },
  };
}

const UNREAD: readonly string[] = ['throttled', 'unasked'];
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
