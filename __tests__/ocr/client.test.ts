import { inspect } from 'node:util';
import { createOcrClient, type OcrClientOptions } from '../../ocr/client';
import type { PreparedPage } from '../../ocr/page';
import { ServiceFailure } from '../../ocr/serviceFailure';
import { startService, type Answer, type Service } from './service';

const MODEL = 'lightonai/LightOnOCR-2-1B';
const SECRET = 'Patient: Jane Roe';
const PAGE: PreparedPage = { data: Buffer.from('a page'), mediaType: 'image/png', width: 1089, height: 1540 };
const COMPLETION = {
  choices: [{ message: { role: 'assistant', content: '# Read' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 2161, completion_tokens: 3, total_tokens: 2164 },
};
const vllmError = (message: string) => ({
  error: { message, type: 'BadRequestError', param: null, code: 400 },
});

const services: Service[] = [];
async function serve(...answers: readonly Answer[]): Promise<Service> {
  const service = await startService(...answers);
  services.push(service);
  return service;
}
afterEach(() => Promise.all(services.splice(0).map((service) => service.close())));

const clientOf = (baseUrl: string, options: Partial<OcrClientOptions> = {}) =>
  createOcrClient({
    baseUrl,
    model: MODEL,
    identityToken: async () => 'a-token',
    ...options,
  });

/** As fetch throws for a request that it cannot make: its message may quote what it was given. */
const refusing: typeof fetch = () => Promise.reject(new TypeError('includes credentials: http://u:pw@h'));

async function failureOf(promise: Promise<unknown>): Promise<ServiceFailure> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ServiceFailure);
  return error as ServiceFailure;
}

describe('createOcrClient', () => {
  test('sends one user message with the image alone, as the model card wants it', async () => {
    const service = await serve({ body: COMPLETION });
    await clientOf(`${service.url}/ocr/`).readPage(PAGE);
    const [request] = service.requests;
    expect(request).toMatchObject({
      method: 'POST',
      url: '/ocr/v1/chat/completions',
      authorization: 'Bearer a-token',
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      model: MODEL,
      temperature: 0.2,
      top_p: 0.9,
      max_tokens: 4096,
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'image_url',
              image_url: { url: `data:image/png;base64,${PAGE.data.toString('base64')}` },
            },
          ],
        },
      ],
    });
  });

  test.each([
    ['lightonai/LightOnOCR-3-1B', false, { temperature: 0.2, top_p: 1, max_tokens: 8192 }, []],
    ['lightonai/LightOnOCR-3-1B', true, { top_p: 1 }, [{ type: 'text', text: 'grounding' }]],
    ['LightOnOCR-3-0.8B', false, { chat_template_kwargs: { enable_thinking: false } }, []],
  ])('asks %s as its makers do, grounding %s', async (model, grounding, settings, words) => {
    const service = await serve({ body: COMPLETION });
    await clientOf(service.url, { model }).readPage(PAGE, undefined, { grounding });
    const body = JSON.parse(service.requests[0]?.body ?? '') as { messages: [{ content: object[] }] };
    expect(body).toMatchObject({ model, ...settings });
    const [image, ...rest] = body.messages[0].content;
    expect(image).toMatchObject({ type: 'image_url' });
    expect(rest).toEqual(words);
  });

  test('goes by the model’s id where it is served under another name', async () => {
    const service = await serve({ body: COMPLETION });
    await clientOf(service.url, { model: 'ocr', modelId: 'lightonai/LightOnOCR-3-4B' }).readPage(PAGE);
    expect(JSON.parse(service.requests[0]?.body ?? '')).toMatchObject({ model: 'ocr', top_p: 1 });
  });

  test('returns blocks, and the text without headers and footers', async () => {
    const content = '![header](0,0,1000,20) H\n![text](10,30,990,500) where \\$x\\$ is';
    const answer = { ...COMPLETION, choices: [{ message: { content }, finish_reason: 'stop' }] };
    const service = await serve({ body: answer });
    const client = clientOf(service.url, { model: 'lightonai/LightOnOCR-3-1B' });
    expect(await client.readPage(PAGE, undefined, { grounding: true })).toMatchObject({
      text: 'where $x$ is',
      blocks: [
        { label: 'header', bbox: [0, 0, 1000, 20], text: 'H', continues: false },
        { label: 'text', bbox: [10, 30, 990, 500], text: 'where $x$ is', continues: false },
      ],
    });
  });

  test('leaves the dollars of a model alone that does not escape them', async () => {
    const content = String.raw`\$x\$`;
    const answer = { ...COMPLETION, choices: [{ message: { content }, finish_reason: 'stop' }] };
    const service = await serve({ body: answer });
    expect((await clientOf(service.url).readPage(PAGE)).text).toBe(content);
  });

  test('rejects grounding of a model that was not trained on it, and sends nothing', async () => {
    const service = await serve({ body: COMPLETION });
    const asked = clientOf(service.url).readPage(PAGE, undefined, { grounding: true });
    await expect(asked).rejects.toMatchObject({ code: 'NO_GROUNDING', exitCode: 2 });
    expect(service.requests).toEqual([]);
  });

  test('returns the text, what the service counted and the seconds', async () => {
    const service = await serve({ body: COMPLETION });
    expect(await clientOf(service.url).readPage(PAGE)).toEqual({
      text: '# Read',
      finishReason: 'stop',
      imageTokens: 2161,
      completionTokens: 3,
      seconds: expect.any(Number),
    });
  });

  test('returns a cut page with its finish reason', async () => {
    const cut = { ...COMPLETION, choices: [{ message: { content: 'a' }, finish_reason: 'length' }] };
    const service = await serve({ body: cut });
    expect((await clientOf(service.url).readPage(PAGE)).finishReason).toBe('length');
  });

  test('returns a loop that the service ended', async () => {
    const loop = { ...COMPLETION, choices: [{ message: { content: 'a a a' }, finish_reason: 'repetition' }] };
    const service = await serve({ body: loop });
    expect((await clientOf(service.url).readPage(PAGE)).finishReason).toBe('repetition');
  });

  // vLLM answers 200 with `abort` and an empty text when its instance is stopped under a page.
  test.each([
    ['abort', 'INSTANCE_STOPPING'],
    ['error', 'PAGE_INTERRUPTED'],
    ['later_reason', 'PAGE_INTERRUPTED'],
    [null, 'PAGE_INTERRUPTED'],
  ])('rejects a page that ended with %s, as a passing fault', async (reason, code) => {
    const choices = [{ message: { content: '' }, finish_reason: reason }];
    const service = await serve({ body: { ...COMPLETION, choices } });
    const failure = await failureOf(clientOf(service.url).readPage(PAGE));
    expect(failure).toMatchObject({ code, transient: true, got: `finish_reason ${reason}` });
  });

  test('asks for no more text than the context has room for', async () => {
    const service = await serve({ body: COMPLETION });
    await clientOf(service.url, { maxModelLen: 4096 }).readPage(PAGE);
    const { max_tokens } = JSON.parse(service.requests[0]?.body ?? '') as { max_tokens: number };
    expect(max_tokens + 2145).toBeLessThan(4096); // A4 at 1540 px: ⌈1089/28⌉ · ⌈1540/28⌉ = 2145
    expect(max_tokens).toBeGreaterThan(1700);
  });

  test('rejects a page that fills the context, before it is sent', async () => {
    const service = await serve({ body: COMPLETION });
    const error: unknown = await clientOf(service.url, { maxModelLen: 2048 })
      .readPage(PAGE)
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'PAGE_EXCEEDS_CONTEXT', exitCode: 2 });
    expect(service.requests).toHaveLength(0);
  });

  test('lists the models', async () => {
    const service = await serve({ body: { object: 'list', data: [{ id: MODEL }, { id: 'b' }] } });
    expect(await clientOf(service.url).models()).toEqual([MODEL, 'b']);
    expect(service.requests[0]).toMatchObject({
      method: 'GET',
      url: '/v1/models',
      authorization: 'Bearer a-token',
    });
  });

  test.each<[what: string, answer: Answer, code: string, transient: boolean, got: string]>([
    ['401', { status: 401, body: '<html>Unauthorized</html>' }, 'NOT_AUTHORISED', false, 'HTTP 401'],
    ['403', { status: 403, body: '<html>Forbidden</html>' }, 'NOT_AUTHORISED', false, 'HTTP 403'],
    ['429', { status: 429, body: 'Rate exceeded.' }, 'OVERLOADED', true, 'HTTP 429'],
    [
      '500',
      { status: 500, body: vllmError(`Engine died on ${SECRET}`) },
      'SERVICE_ERROR',
      false,
      'HTTP 500: BadRequestError',
    ],
    [
      'a 500 of an instance that is stopping',
      { status: 500, body: vllmError('cannot schedule new futures after shutdown') },
      'INSTANCE_STOPPING',
      true,
      'HTTP 500: BadRequestError',
    ],
    [
      'a 500 for a URL that cannot be fetched',
      { status: 500, body: vllmError(`Cannot connect to host ${SECRET}:80 ssl:default`) },
      'REQUEST_REFUSED',
      false,
      'HTTP 500: BadRequestError',
    ],
    [
      "vLLM's 501",
      { status: 501, body: vllmError('Only base64 data URLs are supported for now.') },
      'REQUEST_REFUSED',
      false,
      'HTTP 501: BadRequestError',
    ],
    [
      'a page that is longer than the context',
      {
        status: 400,
        body: vllmError("Input length (2384) exceeds model's maximum context length (2048)."),
      },
      'PAGE_EXCEEDS_CONTEXT',
      false,
      'HTTP 400: BadRequestError, context of 2048 tokens, 2384 of them input',
    ],
    ['502', { status: 502, body: '' }, 'SERVICE_ERROR', true, 'HTTP 502'],
    ['503 in HTML', { status: 503, body: `<h1>${SECRET}</h1>` }, 'SERVICE_ERROR', true, 'HTTP 503'],
    [
      "vLLM's 400",
      { status: 400, body: vllmError(SECRET) },
      'REQUEST_REFUSED',
      false,
      'HTTP 400: BadRequestError',
    ],
    ['a 404 page', { status: 404, body: `<html>${SECRET}</html>` }, 'REQUEST_REFUSED', false, 'HTTP 404'],
    [
      'a login page',
      { headers: { 'content-type': 'text/html' }, body: '<html>' },
      'BAD_ANSWER',
      false,
      '6 characters of text/html that are not JSON',
    ],
    [
      'malformed JSON',
      { body: `{"choices": ${SECRET}` },
      'BAD_ANSWER',
      false,
      '29 characters of no content type that are not JSON',
    ],
    [
      'no choices',
      { body: { ...COMPLETION, choices: [] } },
      'BAD_ANSWER',
      false,
      'JSON with wrong or missing choices.0',
    ],
    [
      'no usage',
      { body: { choices: COMPLETION.choices } },
      'BAD_ANSWER',
      false,
      'JSON with wrong or missing usage',
    ],
    [
      'content of a wrong type',
      { body: { ...COMPLETION, choices: [{ message: { content: [SECRET] }, finish_reason: 'stop' }] } },
      'BAD_ANSWER',
      false,
      'JSON with wrong or missing choices.0.message.content',
    ],
    [
      'an answer without end',
      { body: 'x'.repeat(2 ** 21 + 1) },
      'BAD_ANSWER',
      false,
      'more than 2097152 bytes',
    ],
    ['JSON null', { body: 'null' }, 'BAD_ANSWER', false, 'JSON with wrong or missing the answer itself'],
  ])('rejects %s', async (_what, answer, code, transient, got) => {
    const service = await serve(answer);
    const failure = await failureOf(clientOf(service.url, {}).readPage(PAGE));
    expect(failure).toMatchObject({ code, transient, got, exitCode: 1 });
    expect(failure.where).toContain(service.url);
    expect(inspect(failure, { depth: 10 })).not.toContain('Jane');
  });

  test("repeats the server's words only when it is told to", async () => {
    const service = await serve({ status: 500, body: vllmError('EngineCore   died') });
    const quoting = clientOf(service.url, { quoteServer: true });
    expect(await failureOf(quoting.readPage(PAGE))).toMatchObject({ got: 'HTTP 500: EngineCore died' });
  });

  test.each(['a\ntoken', '', 'to ken', 'tökén'])(
    'rejects the token %j without repeating it',
    async (token) => {
      const service = await serve({ body: COMPLETION });
      const failure = await failureOf(clientOf(service.url, { identityToken: async () => token }).models());
      expect(failure).toMatchObject({ code: 'NOT_AUTHORISED', transient: false });
      expect(inspect(failure, { depth: 10 })).not.toContain(token || 'Bearer');
      expect(service.requests).toHaveLength(0);
    },
  );

  test('rejects a token that is not there: JavaScript, or a variable that is not set', async () => {
    const service = await serve({ body: COMPLETION });
    const identityToken = (async () => undefined) as unknown as () => Promise<string>;
    expect(await failureOf(clientOf(service.url, { identityToken }).models())).toMatchObject({
      code: 'NOT_AUTHORISED',
    });
    expect(service.requests).toHaveLength(0);
  });

  test.each(['ocr.example.com', 'localhost:8000', 'ftp://ocr.example.com', ''])(
    'rejects the base URL %j',
    (baseUrl) => {
      expect(() => clientOf(baseUrl)).toThrow(
        expect.objectContaining({ code: 'BAD_OPTION', where: 'baseUrl' }),
      );
    },
  );

  test('takes a time-out beyond that of fetch with another fetch', () => {
    expect(clientOf('https://ocr.invalid', { timeoutSeconds: 3600, fetch: refusing })).toBeDefined();
  });

  test.each([NaN, 0, -1, 301, Infinity])('rejects a time-out of %d s', (timeoutSeconds) => {
    expect(() => clientOf('https://ocr.invalid', { timeoutSeconds })).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', where: 'timeoutSeconds' }),
    );
  });

  test("rejects without fetch's own words: they may quote a token or a password", async () => {
    const failure = await failureOf(clientOf('http://127.0.0.1:1', { fetch: refusing }).models());
    expect(failure.got).toBe('TypeError');
  });

  test("rejects with the caller's reason while a token is still being minted", async () => {
    const abort = new AbortController();
    const client = clientOf('http://127.0.0.1:1', { identityToken: () => new Promise(() => undefined) });
    const asked = client.models(abort.signal);
    abort.abort(new Error('superseded'));
    await expect(asked).rejects.toThrow('superseded');
  });

  test('rejects a caller without the role and names role and service', async () => {
    const service = await serve({ status: 403, body: '' });
    const { remedy } = await failureOf(clientOf(`${service.url}/tagged/path`).readPage(PAGE));
    expect(remedy).toContain('roles/run.invoker');
    expect(remedy).toContain(`service at ${service.url},`);
  });

  test('rejects a redirect and does not carry the page there', async () => {
    const elsewhere = await serve({ body: COMPLETION });
    const service = await serve({ status: 307, headers: { location: elsewhere.url }, body: '' });
    expect(await failureOf(clientOf(service.url).readPage(PAGE))).toMatchObject({ code: 'BAD_ANSWER' });
    expect(elsewhere.requests).toHaveLength(0);
  });

  test('rejects when nobody listens', async () => {
    const service = await startService();
    await service.close();
    const failure = await failureOf(clientOf(service.url).readPage(PAGE));
    expect(failure).toMatchObject({ code: 'SERVICE_NOT_REACHABLE', transient: true, got: 'ECONNREFUSED' });
  });

  test('rejects an answer that does not come in time', async () => {
    const service = await serve({ body: undefined });
    const late = new AbortController();
    const waits: number[] = [];
    const deadline = (seconds: number) => {
      waits.push(seconds);
      return { signal: late.signal, end: () => undefined };
    };
    const lateFetch = jest.fn<Promise<Response>, Parameters<typeof fetch>>((...request) => {
      const answer = fetch(...request);
      late.abort();
      return answer;
    });
    const client = clientOf(service.url, { timeoutSeconds: 7, deadline, fetch: lateFetch });
    expect(await failureOf(client.readPage(PAGE))).toMatchObject({ code: 'TIMED_OUT', transient: false });
    expect([waits, lateFetch.mock.calls.length]).toEqual([[7], 1]);
  });

  test("rejects with the caller's reason when its signal fires", async () => {
    const service = await serve({ body: undefined });
    const abort = new AbortController();
    const reading = clientOf(service.url).readPage(PAGE, abort.signal);
    abort.abort(new Error('superseded'));
    await expect(reading).rejects.toThrow('superseded');
  });

  test('mints a token for every request', async () => {
    const service = await serve({ body: COMPLETION });
    const identityToken = jest.fn(async () => 'a-token');
    const client = clientOf(service.url, { identityToken });
    await client.readPage(PAGE);
    await client.models().catch(() => undefined);
    expect(identityToken).toHaveBeenCalledTimes(2);
  });

  test.each([400, 401, 429, 500, 503])('sends a request that is answered by %d once', async (status) => {
    const service = await serve({ status, body: '' });
    await failureOf(clientOf(service.url).readPage(PAGE));
    expect(service.requests).toHaveLength(1);
  });

  test('asks for less text and another temperature when it is told to', async () => {
    const service = await serve({ body: COMPLETION });
    await clientOf(service.url).readPage(PAGE, undefined, { temperature: 0.6, maxTokens: 1 });
    expect(JSON.parse(service.requests[0]?.body ?? '')).toMatchObject({ temperature: 0.6, max_tokens: 1 });
  });

  test('rejects a page over 32 MiB and does not send it', async () => {
    const service = await serve({ body: COMPLETION });
    const failure = await failureOf(
      clientOf(service.url).readPage({ ...PAGE, data: Buffer.alloc(25 * 2 ** 20) }),
    );
    expect(failure).toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      got: expect.stringMatching(/^349\d+ bytes$/),
    });
    expect(service.requests).toHaveLength(0);
  });

  test('rejects a page that a proxy finds too large', async () => {
    const service = await serve({ status: 413, body: '<html>too large</html>' });
    const failure = await failureOf(clientOf(service.url).readPage(PAGE));
    expect(failure).toMatchObject({ code: 'REQUEST_TOO_LARGE', got: 'HTTP 413' });
  });
});
