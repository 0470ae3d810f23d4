import { Failure } from '../domain/failure';
import type { OcrModel } from '../domain/models';
import { finishKind } from '../domain/service/answerKind';
import { repetitionAtEnd } from '../domain/text/repetition';
import type { OcrClient, PageText } from './client';
import { type PreparedPage, shrinkPage } from './page';
import { createRequest, type Effort, effortOf, type PolicyOptions, type Request } from './request';

/**
 * `whole`: the model ended by itself. `truncated`: the text was cut, also with all the context that a smaller picture leaves.
 * `repetitive`: it ends in a
 * loop, or the service ended one (`finish_reason` `repetition`), also at the other temperature.
 */
export type ReadingStatus = 'whole' | 'truncated' | 'repetitive';

/** `attempts` and `seconds` are of all requests that were sent for this page. */
export interface PageReading extends PageText, Effort {
  readonly status: ReadingStatus;
  /** What was done for the page and what is wrong with the text; empty for a page that was read at the first try. */
  readonly warnings: readonly string[];
}

export interface PageReader {
  readonly client: OcrClient;
  /** @throws what `createRequest` lists, Failure PAGE_EXCEEDS_CONTEXT, the signal's reason. */
  read(this: void, page: PreparedPage, signal?: AbortSignal): Promise<PageReading>;
}

/** Three openings of the breaker: a page that the service cannot bear costs the pages after it time, not their results. */
const CIRCUIT_WAIT_SECONDS = 90;

/** The side, in whole tokens, of a square with about half the tokens of the largest: 8/11 of it. */
const halfTheTokens = ({ grid: { longestSidePixels, pixelsPerToken } }: OcrModel): number =>
  Math.floor((longestSidePixels * 8) / 11 / pixelsPerToken) * pixelsPerToken;

export interface PageReaderOptions extends PolicyOptions {
  /**
   * Longest side of the second try of a cut page; default half the image's tokens, 1120 px for the default model. The text may then use all that is
   * left of the context, also beyond the client's `textTokens`; so may that of a page that is no larger. An own choice, not measured on the model.
   */
  readonly truncatedLongestSidePixels?: number;
  /** Temperature of the second try of a page that came back as a loop; default 0.6. An own choice, not measured either. */
  readonly repetitionTemperature?: number;
}

/**
 * A reader of pages: an open breaker is waited for, up to 90 s without an answer; `circuitWaitSeconds: 0` fails at once.
 * A client with retries, a breaker, a warm-up budget, and a second try for texts that are not whole.
 */
export function createPageReader(client: OcrClient, options: PageReaderOptions = {}): PageReader {
  const { truncatedLongestSidePixels = halfTheTokens(client.ocrModel), repetitionTemperature = 0.6 } =
    options;
  const request = createRequest(client.baseUrl, { circuitWaitSeconds: CIRCUIT_WAIT_SECONDS, ...options });

  return {
    client,
    async read(page, signal) {
      const first = await readOnce(request, (ended) => client.readPage(page, ended), signal);
      if (first.status === 'whole') return first;
      if (first.status === 'repetitive') {
        const again = (ended?: AbortSignal) =>
          client.readPage(page, ended, { temperature: repetitionTemperature });
        return second(first, () => readOnce(request, again, signal), `temperature ${repetitionTemperature}`);
      }
      const smaller = await shrinkPage(page, truncatedLongestSidePixels);
      const isAsItWas = smaller.width === page.width && smaller.height === page.height;
      if (isAsItWas && first.completionTokens >= client.roomForText(page)) return first;
      const again = (ended?: AbortSignal) => client.readPage(smaller, ended, { maxTokens: Infinity });
      const how = isAsItWas ? 'all the text that fits' : `${smaller.width}×${smaller.height} px`;
      return second(first, () => readOnce(request, again, signal), how);
    },
  };
}

async function readOnce(
  request: Request,
  act: (signal: AbortSignal | undefined) => Promise<PageText>,
  signal: AbortSignal | undefined,
): Promise<PageReading> {
  const { value, attempts, seconds } = await request(act, signal);
  const loop = repetitionAtEnd(value.text, value.finishReason);
  const read = { ...value, attempts, seconds };
  // Not the unit itself: warnings go to logs, and a page's content does not.
  if (loop !== undefined) {
    const warning = `the text ends in ${loop.times} times the same ${loop.unit.length} characters`;
    return { ...read, status: 'repetitive', warnings: [warning] };
  }
  const kind = finishKind(value.finishReason);
  if (kind === 'loop') return { ...read, status: 'repetitive', warnings: ['the service ended a loop'] };
  if (kind === 'whole') return { ...read, status: 'whole', warnings: [] };
  const warning = `the text is cut after ${value.completionTokens} tokens (finish_reason ${value.finishReason})`;
  return { ...read, status: 'truncated', warnings: [warning] };
}

/** The better of two tries: the second when it is whole, else the first, which had the page as it is. */
async function second(
  first: PageReading,
  read: () => Promise<PageReading>,
  how: string,
): Promise<PageReading> {
  let again: PageReading;
  try {
    again = await read();
  } catch (error) {
    // What was read is not lost with the service: the page is what the first try made of it.
    if (!(error instanceof Failure)) throw error;
    const warnings = [...first.warnings, `no second try with ${how}: ${error.code}`];
    return { ...first, ...sum(first, effortOf(error)), warnings };
  }
  const warning =
    again.status === 'whole' ? `read whole with ${how}` : `no better with ${how}: ${again.warnings.join()}`;
  return {
    ...(again.status === 'whole' ? again : first),
    ...sum(first, again),
    warnings: [...first.warnings, warning],
  };
}

const sum = (first: Effort, again: Effort): Effort => ({
  attempts: first.attempts + again.attempts,
  seconds: first.seconds + again.seconds,
});
