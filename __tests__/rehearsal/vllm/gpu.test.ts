import { parseVllmArgs } from '../../../rehearsal/vllm/args';
import { startOnGpu } from '../../../rehearsal/vllm/gpu';

const start = (utilization: number, maxModelLen: number) =>
  startOnGpu(
    parseVllmArgs([
      ...[
        '--model',
        'm',
        '--gpu-memory-utilization',
        String(utilization),
        '--max-model-len',
        String(maxModelLen),
      ],
    ]),
  );

/** An L4 has 22.03 GiB, 21.73 of them free; weights 1.87 GiB; a token 112 KiB, so 8192 of them 0.875 GiB. */
describe('startOnGpu', () => {
  test('starts where a sequence fits what the weights leave of the share, and says how much that is', () => {
    const { lines, error } = start(0.8, 8192);
    expect(error).toBeUndefined();
    expect(lines).toContain('Available KV cache memory: 15.75 GiB'); // 17.62 − 1.87
    // 15.754 GiB / (16 × 112 KiB) = 9218 blocks of 16 tokens
    expect(lines.at(-1)).toBe(
      'GPU KV cache size: 147,488 tokens, Maximum concurrency for 8,192 tokens per request: 18.00x',
    );
  });

  test.each<[string, number, number, RegExp | undefined]>([
    [
      'the share is more than what is free',
      0.99,
      8192,
      /^Free memory on device cuda:0 \(21\.73\/22\.03 GiB\)/,
    ],
    ['the share is less than what is free', 0.98, 8192, undefined],
    ['the weights alone fill the share', 0.08, 8192, /^No available memory for the cache blocks\./],
    ['one sequence is longer than the cache', 0.12, 8192, /max seq len \(8192\), \(0\.88 GiB KV cache/],
    ['one sequence just fits the cache', 0.125, 8192, undefined],
  ])('%s', (_what, utilization, maxModelLen, error) => {
    const started = start(utilization, maxModelLen);
    if (error === undefined) expect(started.error).toBeUndefined();
    else expect(started.error).toMatch(error);
  });

  test('estimates the longest context that it would start with', () => {
    const [, longest = ''] = /maximum model length is (\d+)/.exec(start(0.12, 8192).error ?? '') ?? [];
    expect(start(0.12, Number(longest)).error).toBeUndefined();
    expect(start(0.12, Number(longest) + 16).error).toBeDefined();
  });
});
