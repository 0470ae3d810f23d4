import {
  type AnswerKind,
  answerKind,
  contextExceeded,
  type FinishKind,
  finishKind,
  isServiceFault,
  vllmError,
} from '../../../domain/service/answerKind';

describe('answerKind', () => {
  test.each<[status: number, message: string | undefined, kind: AnswerKind]>([
    [200, undefined, 'answered'],
    [400, 'Non-base64 digit found', 'callers-mistake'],
    [401, undefined, 'identity-refused'],
    [403, undefined, 'identity-refused'],
    [404, 'The model `other/model` does not exist.', 'callers-mistake'],
    [408, undefined, 'not-ready'],
    [413, undefined, 'callers-mistake'],
    [429, undefined, 'overloaded'],
    [500, undefined, 'service-failed'],
    [500, 'EngineCore encountered an issue.', 'service-failed'],
    [500, 'cannot schedule new futures after shutdown', 'draining'],
    [500, 'cannot schedule new futures after interpreter shutdown', 'draining'],
    [
      500,
      'Cannot connect to host media.invalid:80 ssl:default [Name or service not known]',
      'callers-mistake',
    ],
    [500, 'Cannot load local files without `--allowed-local-media-path`.', 'callers-mistake'],
    [
      500,
      'Image size (225000000 pixels) exceeds limit of 178956970 pixels, could be decompression bomb DOS attack.',
      'callers-mistake',
    ],
    [501, 'Only base64 data URLs are supported for now.', 'callers-mistake'],
    [502, undefined, 'not-ready'],
    [503, undefined, 'not-ready'],
    [504, undefined, 'not-ready'],
    [507, undefined, 'service-failed'],
  ])('of %d with %j', (status, message, kind) => {
    expect(answerKind({ status, ...(message !== undefined && { message }) })).toBe(kind);
  });
});

describe('isServiceFault', () => {
  test.each([
    [500, '', true],
    [500, 'cannot schedule new futures after shutdown', false],
    [501, 'Only base64 data URLs are supported for now.', false],
    [429, '', false],
    [503, '', false],
  ])('of %d with %j', (status, message, fault) => {
    expect(isServiceFault({ status, message })).toBe(fault);
  });
});

describe('finishKind', () => {
  test.each<[reason: string | null, kind: FinishKind]>([
    ['stop', 'whole'],
    ['length', 'cut'],
    ['repetition', 'loop'],
    ['abort', 'interrupted'],
    ['error', 'interrupted'],
    ['a reason of a later version', 'interrupted'],
    [null, 'interrupted'],
  ])('of %s', (reason, kind) => {
    expect(finishKind(reason)).toBe(kind);
  });
});

describe('contextExceeded', () => {
  test.each([
    ["Input length (2384) exceeds model's maximum context length (2048).", { context: 2048, input: 2384 }],
    [
      "This model's maximum context length is 8192 tokens. However, you requested 3 output tokens and your prompt contains at least 8190 input tokens, for a total of at least 8193 tokens.",
      { context: 8192, input: 8190 },
    ],
    [
      "This model's maximum context length is 8192 tokens. However, you requested 3 output tokens and your prompt contains 300063 characters (more than 131024 characters, which is the upper bound for 8189 input tokens).",
      { context: 8192 },
    ],
    ['max_tokens must be at least 1, got 0.', undefined],
    ['max_tokens=9000 cannot be greater than max_model_len=max_total_tokens=8192.', undefined],
  ])('of %s', (message, tokens) => {
    expect(contextExceeded(message)).toEqual(tokens);
  });
});

describe('vllmError', () => {
  test.each([
    ['{"error":{"message":"m","type":"BadRequestError"}}', { message: 'm', type: 'BadRequestError' }],
    ['<html>', {}],
    ['null', {}],
  ])('of %s', (body, error) => {
    expect(vllmError(body)).toEqual(error);
  });
});
