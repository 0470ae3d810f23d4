import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { contextExceeded, finishKind, vllmError } from '../../../domain/service/answerKind';
import { ask } from '../../../scripts/verifyVllm/record';
import { comparedAnswer, type ComparedAnswer } from '../../../scripts/verifyVllm/compare';
import {
  recordedRequests,
  type RecordedRequest,
  shortContextRequests,
} from '../../../scripts/verifyVllm/requests';
import { MODEL, ROOT, startContainer, type Container } from './container';

/** A recording of real vLLM, and the arguments that it ran with beside the standard profile's. */
const RECORDINGS: readonly (readonly [file: string, version: string, context: string])[] = [
  ['answers.vllm-0.30.0.json', '0.30.0', '8192'],
  ['answers.vllm-0.32.0.json', '0.32.0', '8192'],
  ['answers-context-2048.vllm-0.30.0.json', '0.30.0', '2048'],
];
const SHARED = path.join(ROOT, '..', 'shared', 'vllm');
const SHARED_RECORDINGS: typeof RECORDINGS = [
  ['answers-0.30.0.json', '0.30.0', '8192'],
  ['answers-0.30.0-context-2048.json', '0.30.0', '2048'],
];

const argsOf = (context: string) => [
  ...[MODEL, '--max-num-seqs', '8', '--max-model-len', context, '--limit-mm-per-prompt', '{"image":1}'],
  ...['--no-enable-prefix-caching', '--allowed-media-domains', 'media.invalid'],
];

let running: Container | undefined;
afterEach(() => running?.stop());

async function answersOfStandIn(version: string, context: string, wanted: readonly string[]) {
  running = await startContainer(argsOf(context), { STAND_IN_VERSION: version });
  await running.ready();
  const requests = [...(await recordedRequests(MODEL, true)), ...(await shortContextRequests(MODEL))];
  const find = (name: string) => requests.find((request) => request.name === name);
  const found = wanted.map((name) => [name, find(name)] as const);
  const answers: Record<string, ComparedAnswer> = {};
  for (const [name, request] of found)
    if (request) answers[name] = comparedAnswer(await ask(running.url, request));
  return answers;
}

describe('the stand-in, asked what real vLLM was asked', () => {
  test.each(RECORDINGS)('answers as in %s', async (file, version, context) => {
    const text = readFileSync(path.join(ROOT, '__tests__/fixtures/vllm', file), 'utf8');
    const recorded = JSON.parse(text) as Record<string, ComparedAnswer>;
    expect(await answersOfStandIn(version, context, Object.keys(recorded))).toEqual(recorded);
  });

  const there = SHARED_RECORDINGS.filter(([file]) => existsSync(path.join(SHARED, file)));
  (there.length > 0 ? test.each(there) : test.skip.each(SHARED_RECORDINGS))(
    'answers as in the shared %s',
    async (file, version, context) => {
      const text = readFileSync(path.join(SHARED, file), 'utf8');
      const recorded = Object.entries(
        JSON.parse(text) as Record<string, Parameters<typeof comparedAnswer>[0]>,
      );
      const expected = Object.fromEntries(recorded.map(([name, answer]) => [name, comparedAnswer(answer)]));
      expect(await answersOfStandIn(version, context, Object.keys(expected))).toEqual(expected);
    },
  );
});

describe('the stand-in, without a cache of processed images', () => {
  test('refuses an empty image as vLLM 0.32.0 does', async () => {
    running = await startContainer([...argsOf('8192'), '--mm-processor-cache-gb', '0']);
    await running.ready();
    const [request] = (await recordedRequests(MODEL)).filter(({ name }) => name === 'url empty');
    expect(comparedAnswer(await ask(running.url, request!)).error).toEqual({
      type: 'BadRequestError',
      param: null,
      message: "Failed to apply PixtralProcessor on data={'text': '<|image_pad|>', 'images': [None]}",
    });
  });
});

describe('a completion of the stand-in', () => {
  test('has every field that the real one has, streamed or whole', async () => {
    running = await startContainer(argsOf('8192'));
    await running.ready();
    const requests = await recordedRequests(MODEL);
    const named = (name: string) => requests.find((request) => request.name === name) as RecordedRequest;
    const whole = JSON.parse((await ask(running.url, named('size 280x280'))).body ?? '') as {
      choices: [{ finish_reason: string }];
    };
    expect(finishKind(whole.choices[0].finish_reason)).not.toBe('interrupted');
    const { body = '' } = await ask(running.url, named('stream usage'));
    const events = body.trim().split('\n\n');
    expect(events.at(-1)).toBe('data: [DONE]');
    expect(JSON.parse((events.at(-2) ?? '').slice('data: '.length))).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 119 },
    });
    const { body: refused = '' } = await ask(running.url, named('image plus text too long'));
    expect(contextExceeded(String(vllmError(refused).message))).toEqual({ context: 8192, input: 9384 });
  });
});
