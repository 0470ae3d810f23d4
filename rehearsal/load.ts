import { characterErrorRate } from '../domain/text/characterErrorRate';
import { messageOf } from '../domain/failure';
import type { ReleaseContext } from '../release/ports/context';
import { clientFor, goldenText } from '../release/checks/golden';
import { requireService } from '../release/checks/requireService';
import type { PreparedPage } from '../ocr/page';

export interface LoadResult {
  readonly sent: number;
  /** Pages without an answer, or with a wrong text. */
  readonly lost: number;
  /** Why, each reason once. */
  readonly reasons: readonly string[];
}

/** Pages a second; a tenth of them gives the canary's first step a handful of requests in its window. */
const STEADY = 10;
/** Pages a second; a tenth of them reaches a candidate whose golden pages put it back within half a second. */
export const RUSH = 40;
/** Text further from the golden page than this is not that page. */
export const MAX_CHARACTER_ERROR_RATE = 0.1;

/** The backend: sends a page again and again at a steady pace, whoever serves, until it is stopped. */
export async function startLoad(
  context: ReleaseContext,
  page: PreparedPage,
  pagesPerSecond = STEADY,
): Promise<{ stop(): Promise<LoadResult> }> {
  const { uri } = await requireService(context);
  const client = clientFor(context, uri, uri);
  const expected = goldenText();
  const reasons = new Set<string>();
  const pending = new Set<Promise<void>>();
  let sent = 0;
  let lost = 0;

  const send = async () => {
    try {
      const { text } = await client.readPage(page);
      const rate = characterErrorRate(expected, text);
      if (rate <= MAX_CHARACTER_ERROR_RATE) return;
      reasons.add(`a page came back with a character error rate of ${rate.toFixed(2)}`);
    } catch (error) {
      reasons.add(messageOf(error));
    }
    lost++;
  };
  const timer = setInterval(() => {
    sent++;
    const request = send().finally(() => pending.delete(request));
    pending.add(request);
  }, 1000 / pagesPerSecond);

  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(pending);
      return { sent, lost, reasons: [...reasons] };
    },
  };
}
