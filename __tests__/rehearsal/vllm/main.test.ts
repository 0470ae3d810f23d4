import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { characterErrorRate } from '../../../domain/text/characterErrorRate';
import { DRAWN } from '../../../scripts/golden/pages';
import { ARGS, chatBody, MODEL, ROOT, startContainer, type Container } from './container';

const GOLDEN_PAGE = readFileSync(path.join(ROOT, 'release/golden/page.png'));
const GOLDEN_TEXT = readFileSync(path.join(ROOT, 'release/golden/page.txt'), 'utf8');

interface Completion {
  choices: [{ message: { content: string }; finish_reason: string }];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}
const completionOf = async (response: Response): Promise<Completion> => (await response.json()) as Completion;
const errorOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { error: unknown }).error;
const smallPage = (): Promise<Buffer> =>
  sharp({ create: { width: 56, height: 28, channels: 3, background: 'white' } })
    .png()
    .toBuffer();

const started: Container[] = [];
async function container(...args: Parameters<typeof startContainer>): Promise<Container> {
  const made = await startContainer(...args);
  started.push(made);
  return made;
}
afterAll(() => Promise.all(started.map((one) => one.stop())));

describe('the stand-in for vLLM', () => {
  let standIn: Container;
  let health: number[];
  beforeAll(async () => {
    standIn = await container();
    health = await standIn.ready();
  });

  test('refuses connections until it is loaded, then /health is 200', () => {
    expect(health).toEqual([0, 200]);
  });

  test('says what it is in the first line of its log and in a header, and /version is vLLM’s', async () => {
    const answer = await fetch(`${standIn.url}/version`);
    expect(await answer.json()).toEqual({ version: '0.32.0' });
    expect(answer.headers.get('x-stand-in')).toContain('stand-in for vLLM');
    expect(standIn.output().split('\n')[0]).toContain('stand-in for vLLM');
  });

  test('lists the model with its context', async () => {
    const models = await (await fetch(`${standIn.url}/v1/models`)).json();
    expect(models).toMatchObject({ object: 'list', data: [{ id: MODEL, max_model_len: 8192 }] });
  });

  test.each(DRAWN.map(({ name }) => name).filter((name) => name !== 'two-columns'))(
    'reads the golden page %s within 3 %% of its characters',
    async (name) => {
      const page = path.join(ROOT, 'release/golden', name);
      const { choices } = await completionOf(await standIn.chat(chatBody([readFileSync(`${page}.png`)])));
      const rate = characterErrorRate(readFileSync(`${page}.txt`, 'utf8'), choices[0].message.content);
      expect(rate).toBeLessThanOrEqual(0.03);
    },
  );

  test('reads the golden page within 3 % of its characters, and counts image tokens as the model does', async () => {
    const { choices, usage } = await completionOf(await standIn.chat(chatBody([GOLDEN_PAGE])));
    expect(characterErrorRate(GOLDEN_TEXT, choices[0].message.content)).toBeLessThanOrEqual(0.03);
    expect(choices[0].finish_reason).toBe('stop');
    expect(usage.prompt_tokens).toBeGreaterThanOrEqual(2145); // A4 at 1540 px: ⌈1089/28⌉ · ⌈1540/28⌉
    expect(usage.prompt_tokens).toBeLessThan(2145 + 64);
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
  });

  test('scales a larger page to 1540 px before it counts', async () => {
    const large = await sharp({ create: { width: 3000, height: 3000, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    const { usage } = await completionOf(await standIn.chat(chatBody([large])));
    expect(usage.prompt_tokens - 3025).toBeLessThan(64);
  });

  test('reads a page once, however often and at the same time it is asked for', async () => {
    const page = await smallPage();
    const counts = () => standIn.metrics('stand_in:pages_read_total', 'vllm:request_success_total');
    const [read = NaN, succeeded = NaN] = await counts();
    await Promise.all([1, 2, 3].map(() => standIn.chat(chatBody([page]))));
    await standIn.chat(chatBody([page]));
    expect(await counts()).toEqual([read + 1, succeeded + 4]);
  });

  test('cuts a text that is longer than max_tokens and says so', async () => {
    const { choices, usage } = await completionOf(
      await standIn.chat(chatBody([GOLDEN_PAGE], { max_tokens: 10 })),
    );
    expect(choices[0].finish_reason).toBe('length');
    expect(usage.completion_tokens).toBe(10);
  });

  test('gives the rest of the context when max_tokens is missing', async () => {
    const { choices } = await completionOf(
      await standIn.chat(chatBody([GOLDEN_PAGE], { max_tokens: undefined })),
    );
    expect(choices[0].finish_reason).toBe('stop');
  });

  test('never logs what stands on a page', () => {
    expect(standIn.output()).not.toContain('Harbour');
  });
});

describe('the command line', () => {
  test('rejects an unknown flag as vLLM does: exit 2', async () => {
    const standIn = await container([...ARGS, '--foo']);
    expect(await standIn.exit).toBe(2);
    expect(standIn.output()).toContain('error: unrecognized arguments: --foo');
  });

  test('is not reached on a port that the container does not map', async () => {
    const standIn = await container([...ARGS, '--port', '9000']);
    while (!standIn.output().includes('Application startup complete')) await sleep(20);
    expect(await standIn.status('/health')).toBe(0);
  });

  test("is not reached when it listens on the container's own loopback", async () => {
    const standIn = await container([...ARGS, '--host', '127.0.0.1']);
    while (!standIn.output().includes('Application startup complete')) await sleep(20);
    expect(await standIn.status('/health')).toBe(0);
  });
});

describe('the memory of the GPU', () => {
  test('flags that do not fit end it with vLLM’s own words and exit 1', async () => {
    const standIn = await container([...ARGS, '--gpu-memory-utilization', '0.1']);
    expect(await standIn.exit).toBe(1);
    expect(standIn.output()).toContain(
      "ValueError: To serve at least one request with the models's max seq len (8192), (0.88 GiB KV cache is needed",
    );
    expect(standIn.output().trimEnd()).toMatch(/RuntimeError: Engine core initialization failed\..*$/);
  });

  test('flags that fit are told what room they leave', async () => {
    const standIn = await container([...ARGS, '--gpu-memory-utilization', '0.80']);
    await standIn.ready();
    expect(standIn.output()).toContain('Available KV cache memory: 15.75 GiB');
  });
});

describe('the queue', () => {
  test('answers max-num-seqs requests at once, and the others after them', async () => {
    const standIn = await container([...ARGS, '--max-num-seqs', '2'], { STAND_IN_FAULT: 'slow:700' });
    await standIn.ready();
    const page = await smallPage();
    const answers = Promise.all([1, 2, 3, 4, 5].map(() => standIn.chat(chatBody([page]))));
    const depth = () => standIn.metrics('vllm:num_requests_running', 'vllm:num_requests_waiting');
    let deepest = await depth();
    while (deepest[1] !== 3 && !(await Promise.race([answers, sleep(1, false)]))) deepest = await depth();
    expect(deepest).toEqual([2, 3]);
    expect((await answers).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await depth()).toEqual([0, 0]);
  });
});

describe('a fault of the image', () => {
  const faulty = async (fault: string, args = ARGS): Promise<Container> => {
    const standIn = await container(args, { STAND_IN_FAULT: fault });
    await standIn.ready();
    return standIn;
  };

  test('garbage: HTTP 200, nothing like the page', async () => {
    const response = await (await faulty('garbage')).chat(chatBody([GOLDEN_PAGE]));
    const { choices } = await completionOf(response);
    expect(response.status).toBe(200);
    expect(choices[0].finish_reason).toBe('stop');
    expect(characterErrorRate(GOLDEN_TEXT, choices[0].message.content)).toBeGreaterThan(0.5);
  });

  test('cut: finish_reason length', async () => {
    const { choices } = await completionOf(await (await faulty('cut')).chat(chatBody([GOLDEN_PAGE])));
    expect(choices[0].finish_reason).toBe('length');
    expect(choices[0].message.content.length).toBeLessThan(GOLDEN_TEXT.length * 0.6);
  });

  test('errors-after: so many good answers, then nothing but 500', async () => {
    const standIn = await faulty('errors-after:2');
    const page = await smallPage();
    const statuses: number[] = [];
    for (let at = 0; at < 4; at++) statuses.push((await standIn.chat(chatBody([page]))).status);
    expect(statuses).toEqual([200, 200, 500, 500]);
  });

  test('crash-at-start: exit 1 with a CUDA message', async () => {
    const standIn = await container(ARGS, { STAND_IN_FAULT: 'crash-at-start' });
    expect(await standIn.exit).toBe(1);
    expect(standIn.output()).toContain('CUDA error');
  });

  test('model-missing: exit 1 with Hugging Face’s message', async () => {
    const standIn = await container(ARGS, { STAND_IN_FAULT: 'model-missing' });
    expect(await standIn.exit).toBe(1);
    expect(standIn.output()).toContain('LocalEntryNotFoundError: Cannot find an appropriate cached snapshot');
  });

  test('slow-start: connections are refused for so much longer', async () => {
    const standIn = await container(ARGS, { STAND_IN_FAULT: 'slow-start:600000' });
    while (!standIn.output().includes('Starting to load model')) await sleep(20);
    expect(await standIn.status('/health')).toBe(0);
    expect(standIn.output()).not.toContain('Application startup complete');
  });

  test('rejects a fault that it does not know', async () => {
    const standIn = await container(ARGS, { STAND_IN_FAULT: 'grabage' });
    expect(await standIn.exit).toBe(1);
    expect(standIn.output()).toContain("unknown fault 'grabage'");
  });
});

describe('the end', () => {
  const inFlight = async (args: readonly string[], fault: string, requests = 1) => {
    const standIn = await container(args, { STAND_IN_FAULT: fault });
    await standIn.ready();
    const page = await smallPage();
    const answers = Array.from({ length: requests }, () => standIn.chat(chatBody([page])));
    for (const answer of answers) answer.catch(() => undefined);
    const depth = () => standIn.metrics('vllm:num_requests_running', 'vllm:num_requests_waiting');
    while ((await depth()).reduce((sum, count) => sum + count) !== requests) await sleep(10);
    standIn.child.kill('SIGTERM');
    while (!standIn.output().includes('shutdown triggered')) await sleep(10);
    return { standIn, answers, page };
  };
  const reasonsOf = (answers: readonly Promise<Response>[]) =>
    Promise.all(answers.map(async (answer) => (await completionOf(await answer)).choices[0].finish_reason));

  test('a drain answers what is in flight, then exits 0', async () => {
    const { standIn, answers } = await inFlight([...ARGS, '--shutdown-timeout', '8'], 'slow:500');
    expect(await reasonsOf(answers)).toEqual(['stop']);
    expect(await standIn.exit).toBe(0);
  });

  test('a drain aborts what waits for its turn: 200, no text, finish_reason abort', async () => {
    const args = [...ARGS, '--max-num-seqs', '1', '--shutdown-timeout', '8'];
    const { answers } = await inFlight(args, 'slow:500', 2);
    expect(await reasonsOf(answers)).toEqual(['stop', 'abort']);
  });

  test('a drain answers new requests with 500 while /health stays 200', async () => {
    const { standIn, page } = await inFlight([...ARGS, '--shutdown-timeout', '30'], 'slow:600000');
    expect(await standIn.status('/health')).toBe(200);
    const refused = await standIn.chat(chatBody([page]));
    expect(refused.status).toBe(500);
    expect(await errorOf(refused)).toEqual({
      message: 'cannot schedule new futures after shutdown',
      type: 'InternalServerError',
      param: null,
      code: 500,
    });
  });

  test('what is not finished in time has no answer, and the process waits to be killed', async () => {
    const { standIn, answers } = await inFlight(ARGS, 'slow:600000');
    while ((await standIn.status('/health')) !== 0) await sleep(10);
    const answered = answers.map((answer) => answer.then(() => 'an answer'));
    expect(await Promise.race([...answered, standIn.exit, sleep(300, 'nothing')])).toBe('nothing');
  });

  test('ends with its parent', async () => {
    const standIn = await container();
    standIn.child.stdin.end();
    expect(await standIn.exit).toBe(0);
  });
});
