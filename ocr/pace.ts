import { Failure } from '../domain/failure';
import { afterAnswer, afterRefusal, type Pressure, startPressure } from '../domain/batch/pressure';
import type { OcrClient } from './client';
import type { Clock } from './clock';
import { unlessAborted } from './unlessAborted';

/** An answer after this part of the time-out waited in a queue that is too long. An own choice. */
const LATE = 0.5;

/** A client that sends no more at a time than the service bears: every attempt waits for its turn. */
export interface PacedClient extends OcrClient {
  /** Requests that may be under way now. */
  limit(): number;
}

/**
 * Additive increase, multiplicative decrease, around every request of a client: under `createPageReader`, so that each of its
 * attempts counts.
 * @param share most requests at a time; asked before each one.
 */
export function pacedClient(
  client: OcrClient,
  share: () => number,
  timeoutSeconds: number,
  { now }: Pick<Clock, 'now'>,
): PacedClient {
  let pressure: Pressure = startPressure(share());
  let underWay = 0;
  const waiting: (() => void)[] = [];
  const free = () => {
    pressure = { ...pressure, limit: Math.min(pressure.limit, share()) };
    while (waiting.length > 0 && underWay < Math.floor(pressure.limit)) {
      underWay += 1;
      waiting.shift()!();
    }
  };
  const turn = async (signal: AbortSignal | undefined) => {
    let mine = () => {};
    const come = new Promise<void>((resolve) => waiting.push((mine = resolve)));
    free();
    try {
      await unlessAborted(come, signal);
    } catch (error) {
      const at = waiting.indexOf(mine);
      if (at >= 0) waiting.splice(at, 1);
      else underWay -= 1;
      free();
      throw error;
    }
  };
  return {
    ...client,
    limit: () => Math.floor(pressure.limit),
    async readPage(page, signal, options) {
      await turn(signal);
      const sentAt = now().getTime();
      try {
        const text = await client.readPage(page, signal, options);
        pressure =
          text.seconds > timeoutSeconds * LATE
            ? afterRefusal(pressure, sentAt, now().getTime())
            : afterAnswer(pressure, share());
        return text;
      } catch (error) {
        if (error instanceof Failure && ['OVERLOADED', 'TIMED_OUT'].includes(error.code))
          pressure = afterRefusal(pressure, sentAt, now().getTime());
        throw error;
      } finally {
        underWay -= 1;
        free();
      }
    },
  };
}
