import { brokenUrls, FORMATS, png } from './images';

/** A request that is sent to real vLLM and to the stand-in alike. */
export interface RecordedRequest {
  readonly name: string;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
}

const CHAT = '/v1/chat/completions';

/** Sizes whose tokens are compared: pages as the client sends them, and what only others would send. */
const SIZES =
  '1190x1540 1089x1540 1540x1540 28x28 1x1 29x28 100x1540 10x2000 20000x10 3000x4000 1541x1541 1700x2200 2480x3508 280x280';

const PLAIN: readonly string[] = [
  ...['/health', '/version', '/v1/models', '/ping', '/', '/nothing', '/docs', '/load', '/server_info'],
  ...['/tokenize', CHAT, '/metrics'],
].map((path) => `GET ${path}`);

type Body = Readonly<Record<string, unknown>>;
const part = (url: unknown) => ({ type: 'image_url', image_url: { url } });
const text = (characters: number | string) => ({
  type: 'text',
  text: typeof characters === 'string' ? characters : 'a'.repeat(characters),
});
const user = (...content: readonly object[]): Body => ({ messages: [{ role: 'user', content }] });

/** Requests that differ in one thing, by the name that they have in the recordings. */
function variants(image: string, page: string, dot: string): Readonly<Record<string, Body>> {
  const shown = user(part(image));
  return {
    'plain page': user(part(page)),
    'no max_tokens, small image': { ...user(part(dot)), max_tokens: undefined },
    'max_tokens 4096': { ...user(part(page)), max_tokens: 4096 },
    'max_tokens above the room (8192 context, letter page)': { ...user(part(page)), max_tokens: 7000 },
    'max_tokens above the context': { ...shown, max_tokens: 9000 },
    'max_tokens 0': { ...shown, max_tokens: 0 },
    'max_tokens -1': { ...shown, max_tokens: -1 },
    'max_tokens null': { ...user(part(dot)), max_tokens: null },
    'max_tokens 1.5': { ...shown, max_tokens: 1.5 },
    'max_tokens string': { ...shown, max_tokens: 'many' },
    'text too long': user(text(9000)),
    'text much too long': user(part(image), text(300_000)),
    'image plus text too long': user(part(page), text(7000)),
    'image plus text exactly too long by output': { ...user(part(page), text(5000)), max_tokens: 4096 },
    'two images': user(part(image), part(image)),
    'no image': user(text('hello')),
    'unknown model': { ...shown, model: 'other/model' },
    'model null': { ...shown, model: null },
    'no model': { ...shown, model: undefined },
    'no messages': { messages: [] },
    'messages missing': { messages: undefined },
    'unknown part': user({ type: 'picture', x: 1 }),
    'unknown body field': { ...shown, no_such_field: 1 },
    'null fields': { ...shown, temperature: null, top_p: null, stop: null, seed: null },
    'temperature 3': { ...shown, temperature: 3 },
    'temperature -1': { ...shown, temperature: -1 },
    'top_p 0': { ...shown, top_p: 0 },
    'n 2': { ...shown, temperature: 0.2, n: 2 },
    'role unknown': { messages: [{ role: 'robot', content: 'hi' }] },
    'url http': user(part('http://example.com/a.png')),
    'url other domain allowed form': user(part('http://media.invalid/a.png')),
    'url file': user(part('file:///etc/hostname')),
    'url ftp': user(part('ftp://media.invalid/a.png')),
    'url empty': user(part('')),
    stream: { ...shown, stream: true },
    'stream with error': { ...user(part(image), part(image)), stream: true },
    'stream usage': { ...shown, stream: true, stream_options: { include_usage: true } },
  };
}

/** What is in no recording of others yet; asked of each version that `verify:vllm` runs. */
function more(image: string, page: string, huge: string): Readonly<Record<string, Body>> {
  const shown = user(part(image));
  return {
    'max_tokens all of the context': { ...user(part(page)), max_tokens: 8192 },
    'two wrong types': { ...shown, max_tokens: 'many', temperature: 'hot' },
    'temperature string': { ...shown, temperature: 'hot' },
    'model number': { ...shown, model: 7 },
    'messages a string': { messages: 'hello' },
    'content a number': { messages: [{ role: 'user', content: 7 }] },
    'message without role': { messages: [{ content: [part(image)] }] },
    'image_url a string': user({ type: 'image_url', image_url: image }),
    'image_url missing': user({ type: 'image_url' }),
    'url of another scheme': user(part('gs://bucket/a.png')),
    'url no scheme': user(part('a.png')),
    'url with a port': user(part('http://media.invalid:81/a.png')),
    'huge image': user(part(huge)),
    'n 0': { ...shown, n: 0 },
    max_completion_tokens: { ...shown, max_tokens: undefined, max_completion_tokens: 2 },
    logprobs: { ...shown, logprobs: true, top_logprobs: 1 },
    'response_format json': { ...shown, response_format: { type: 'json_object' } },
  };
}

/** One pixel more a side than Pillow's limit of 2 × 89,478,485 allows: as a PNG of some 100 kB. */
const HUGE = 13_400;

/** All requests of the recordings, and with `extended` those that only `verify:vllm` sends. */
export async function recordedRequests(model: string, extended = false): Promise<RecordedRequest[]> {
  const dataUrl = (bytes: Buffer, type = 'image/png') => `data:${type};base64,${bytes.toString('base64')}`;
  const [small, page, dot] = await Promise.all([png(280, 280), png(1190, 1540), png(28, 28)]);
  const image = dataUrl(small);
  const chat = (name: string, body: Body): RecordedRequest => ({
    name,
    method: 'POST',
    path: CHAT,
    contentType: 'application/json',
    body: JSON.stringify({ model, max_tokens: 3, temperature: 0, ...body }),
  });
  const raw = (name: string, body: string, contentType = 'application/json'): RecordedRequest => ({
    ...{ name, method: 'POST', path: CHAT, body },
    ...(contentType !== '' && { contentType }),
  });
  const whole = JSON.stringify({ model, max_tokens: 3, ...user(part(image)) });
  const sizes = SIZES.split(' ').map(async (size) => {
    const [width = 1, height = 1] = size.split('x').map(Number);
    return chat(`size ${size}`, { ...user(part(dataUrl(await png(width, height)))), max_tokens: 1 });
  });
  const formats = Object.entries(FORMATS).map(async ([name, make]) =>
    chat(name, user(part(dataUrl(await make(), 'image/png')))),
  );
  const urls = brokenUrls(small, await (FORMATS.JPEG as () => Promise<Buffer>)());
  const huge = extended ? dataUrl(await png(HUGE, HUGE)) : '';
  const bodies = {
    ...variants(image, dataUrl(page), dataUrl(dot)),
    ...(extended && more(image, dataUrl(page), huge)),
  };
  return [
    ...PLAIN.map((name) => ({ name, method: 'GET' as const, path: name.slice('GET '.length) })),
    { name: 'HEAD /health', method: 'HEAD', path: '/health' },
    { name: 'POST /health', method: 'POST', path: '/health' },
    ...(await Promise.all(sizes)),
    ...Object.entries(bodies).map(([name, body]) => chat(name, body)),
    raw('malformed JSON', `{"model": "m", }`),
    raw('JSON list', '[]'),
    raw('empty body', ''),
    raw('content-type text', whole, 'text/plain'),
    raw('no content-type', whole, ''),
    ...Object.entries(urls).map(([name, url]) => chat(name, user(part(url)))),
    ...(await Promise.all(formats)),
  ];
}

/** Those of a context of 2,048 tokens (`--max-model-len 2048`). */
export async function shortContextRequests(model: string): Promise<RecordedRequest[]> {
  const url = async (width: number, height: number) =>
    `data:image/png;base64,${(await png(width, height)).toString('base64')}`;
  const chat = (name: string, body: Body): RecordedRequest => ({
    name,
    method: 'POST',
    path: CHAT,
    contentType: 'application/json',
    body: JSON.stringify({ model, max_tokens: 3, temperature: 0, ...body }),
  });
  const letter = user(part(await url(1190, 1540)));
  return [
    chat('letter page in a context of 2048', letter),
    chat('letter page in a context of 2048, max_tokens 1', { ...letter, max_tokens: 1 }),
    chat('1036x1540 = 2035 tokens + template > 2048?', user(part(await url(1036, 1540)))),
    chat('page that fits exactly: 1008x1540 = 1980', user(part(await url(1008, 1540)))),
    chat('text only too long', user(text(9000))),
  ];
}
