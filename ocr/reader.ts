import { Failure } from '../domain/failure';
import { finishKind } from '../domain/service/answerKind';
import { repetitionAtEnd } from '../domain/text/repetition';
import { needGrounding, type OcrClient, type PageText } from './client';
import { halvesOf } from './images/pageSlices';
import type { PreparedPage } from './page';
import type { PageReading } from './pageReading';
import { readSlices } from './readSlices';
import { createRequest, type Effort, effortOf, type PolicyOptions, type Request } from './request';

export type { PageReading, ReadingStatus } from './pageReading';

export interface PageReader {
  readonly client: OcrClient;
  /** @throws what `createRequest` lists, Failure PAGE_EXCEEDS_CONTEXT, the signal's reason. */
  read(this: void, page: PreparedPage, signal?: AbortSignal): Promise<PageReading>;
}

/** Three openings of the breaker: a page that the service cannot bear costs the pages after it time, not their results. */
const CIRCUIT_WAIT_SECONDS = 90;

export interface PageReaderOptions extends PolicyOptions {
  /** Temperature of the second try of a page that came back as a loop; default 0.6. An own choice, not measured either. */
  readonly repetitionTemperature?: number;
  /** Asks for layout blocks too: `ReadPageOptions`. Default false. */
  readonly grounding?: boolean;
}

/**
 * A reader of pages: an open breaker is waited for, up to 90 s without an answer; `circuitWaitSeconds: 0` fails at once.
 * A client with retries, a breaker, a warm-up budget, and a second try for texts that are not whole.
 */
export function createPageReader(client: OcrClient, options: PageReaderOptions = {}): PageReader {
  const { repetitionTemperature = 0.6 } = options;
  const asked = options.grounding ? { grounding: true } : undefined;
  // Before a page is sent: it would fail for each.
  if (asked) needGrounding(client.ocrModel);
  const request = createRequest(client.baseUrl, { circuitWaitSeconds: CIRCUIT_WAIT_SECONDS, ...options });

  return {
    client,
    async read(page, signal) {
      const first = await readOnce(request, (ended) => client.readPage(page, ended, asked), signal);
      if (first.status === 'whole') return first;
      if (first.status === 'repetitive') {
        const again = (ended?: AbortSignal) =>
          client.readPage(page, ended, { temperature: repetitionTemperature, ...asked });
        return second(first, () => readOnce(request, again, signal), `temperature ${repetitionTemperature}`);
      }
      const all = (part: PreparedPage) =>
        readOnce(request, (ended) => client.readPage(part, ended, { maxTokens: Infinity, ...asked }), signal);
      const halves = await halvesOf(page);
      if (halves !== undefined)
        return second(first, () => readSlices(halves, all), `${halves.length} slices`);
      if (first.completionTokens >= client.roomForText(page)) return first;
      return second(first, () => all(page), 'all the text that fits');
    },
  };
}

async function readOnce(
  request: Request,
  act: (signal: AbortSignal | undefined) => Promise<PageText>,
  signal: AbortSignal | undefined,
): Promise<PageReading> {
  const { value, attempts, seconds } = await request(act, signal);
  // Of blocks with all their text: a loop of page numbers is one too.
  const all = value.blocks?.map(({ text }) => text).join('\n') ?? value.text;
  const loop = repetitionAtEnd(all, value.finishReason);
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
