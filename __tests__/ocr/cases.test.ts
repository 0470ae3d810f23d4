import cases from '../../clients/cases.json';
import { createOcrClient } from '../../ocr/client';
import { type PreparedPage, preparePage } from '../../ocr/page';
import { createPageReader } from '../../ocr/reader';
import { Failure } from '../../domain/failure';
import sharp from 'sharp';

interface Answer {
  readonly status?: number;
  readonly body?: string;
  readonly text?: string;
  readonly finish?: string;
  readonly fault?: string;
}
interface Case {
  readonly name: string;
  /** One after another, the last one for ever. */
  readonly answers: readonly Answer[];
  /** Status of the page, or the code of the failure. */
  readonly outcome: string;
  readonly text?: string;
  readonly requests: number;
}

const reset = () => Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });

/** A fetch that gives a case's answers; `timeout` fires the client's own deadline. */
function serviceOf(answers: readonly Answer[]) {
  const bodies: string[] = [];
  let expire = () => undefined as void;
  const deadline = () => {
    const abort = new AbortController();
    expire = () => abort.abort();
    return { signal: abort.signal, end: () => undefined };
  };
  const fetch = async (_url: string, { body: page }: { body: Buffer }) => {
    const answer = answers[Math.min(bodies.push(page.toString()), answers.length) - 1]!;
    if (answer.fault === 'timeout') expire();
    if (answer.fault !== undefined) throw reset();
    const choices = [{ message: { content: answer.text }, finish_reason: answer.finish ?? 'stop' }];
    const completion = { choices, usage: { prompt_tokens: 2161, completion_tokens: 3 } };
    const body = answer.text === undefined ? (answer.body ?? '') : JSON.stringify(completion);
    return new Response(body, { status: answer.status ?? 200 });
  };
  return { fetch, deadline, bodies };
}

describe('the client, case by case as its Python sister (clients/cases.json)', () => {
  let page: PreparedPage;
  beforeAll(async () => {
    page = await preparePage(
      await sharp({ create: { width: 1190, height: 1540, channels: 3, background: 'white' } })
        .png()
        .toBuffer(),
    );
  });

  test.each(cases as Case[])('$name', async ({ answers, outcome, text, requests }) => {
    const { fetch, deadline, bodies } = serviceOf(answers);
    const client = createOcrClient({
      ...{ baseUrl: 'https://svc', model: 'm', identityToken: async () => 'token' },
      ...{ fetch: fetch as unknown as typeof globalThis.fetch, deadline },
    });
    const reader = createPageReader(client, { warm: true, sleep: async () => undefined });
    const ended = await reader.read(page).then(
      (read) => read,
      (error: Failure) => ({ status: error.code, text: undefined }),
    );
    expect(ended.status).toBe(outcome);
    if (text !== undefined) expect(ended.text).toBe(text);
    // A cut page is read again in two halves here: the Python client is thinner.
    expect(bodies).toHaveLength(outcome === 'truncated' ? requests + 2 : requests);
    if (outcome === 'whole') expect(new Set(bodies).size).toBe(1); // the same page, as large as it was
  });
});
