import fc from 'fast-check';
import { serverReason } from '../../ocr/serverReason';

const error = (rest: object) => JSON.stringify({ error: rest });

describe('serverReason', () => {
  // vLLM's sentences, of several versions.
  test.each([
    [
      "This model's maximum context length is 2048 tokens. However, you requested 1 output tokens and your prompt contains at least 2161 input tokens, for a total of at least 2162 tokens.",
      'context of 2048 tokens, 2161 of them input',
    ],
    [
      "'max_tokens' is too large: 4096. This model's maximum context length is 4096 tokens and your request has 2161 input tokens (4096 > 4096 - 2161).",
      'context of 4096 tokens, 2161 of them input',
    ],
    [
      "This model's maximum context length is 2048 tokens. However, you requested 2400 tokens (2161 in the messages, 239 in the completion).",
      'context of 2048 tokens, 2161 of them input',
    ],
    [
      'The decoder prompt (length 2400) is longer than the maximum model length of 2048.',
      'context of 2048 tokens, 2400 of them input',
    ],
    [
      "Input length (2384) exceeds model's maximum context length (2048).",
      'context of 2048 tokens, 2384 of them input',
    ],
  ])('of %s keeps the numbers', (message, reason) => {
    expect(serverReason(error({ message, type: 'BadRequestError', param: 'input_tokens' }))).toBe(
      `BadRequestError, input_tokens, ${reason}`,
    );
  });

  test('repeats no message, whatever stands in it, and no name that is a sentence', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (words) => {
        const said = error({ message: `Jane ${words}`, type: `Jane ${words}`, param: [words] });
        expect(serverReason(said)).toBe('');
        expect(serverReason(`Jane ${words}`)).toBe('');
      }),
    );
  });

  test('quotes when asked: the start, on one line, without tags', () => {
    expect(serverReason(error({ message: 'Engine\n died' }), true)).toBe('Engine died');
    expect(serverReason(`<h1>Bad\nGateway</h1>${'x'.repeat(300)}`, true)).toHaveLength(200);
  });

  test.each(['null', '[]', '"text"', '{"error": null}', '{"error": "text"}', ''])(
    'of %s is nothing',
    (body) => {
      expect(serverReason(body)).toBe('');
    },
  );
});
