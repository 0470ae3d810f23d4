import { parseVllmArgs } from '../../../rehearsal/vllm/args';

/** As the deployment guide writes them. */
const GUIDE = [
  ...['--model', 'lightonai/LightOnOCR-2-1B', '--gpu-memory-utilization', '0.80', '--max-num-seqs', '8'],
  ...['--max-model-len', '4096', '--limit-mm-per-prompt', '{"image":1}', '--no-enable-prefix-caching'],
];

describe('parseVllmArgs', () => {
  test("takes the guide's arguments", () => {
    expect(parseVllmArgs(GUIDE)).toEqual({
      allowedMediaDomains: [],
      gpuMemoryUtilization: 0.8,
      host: '0.0.0.0',
      port: 8000,
      model: 'lightonai/LightOnOCR-2-1B',
      servedModelNames: ['lightonai/LightOnOCR-2-1B'],
      maxNumSeqs: 8,
      maxModelLen: 4096,
      imagesPerPrompt: 1,
      shutdownTimeoutSeconds: 0,
      hasProcessorCache: true,
    });
  });

  test.each<[why: string, args: string[], expected: object]>([
    ['a value after =', ['--port=9000'], { port: 9000 }],
    ['underscores for hyphens', ['--max_model_len', '2048'], { maxModelLen: 2048 }],
    ['the model as a positional', ['a/b'], { model: 'a/b', servedModelNames: ['a/b'] }],
    [
      'several names',
      ['--served-model-name', 'a', 'b', '--port', '1'],
      { servedModelNames: ['a', 'b'], port: 1 },
    ],
    ['the last of two', ['--port', '1', '--port', '2'], { port: 2 }],
    ['the form with a count', ['--limit-mm-per-prompt', '{"image":{"count":2}}'], { imagesPerPrompt: 2 }],
    [
      '-O1 and --enforce-eager',
      ['-O1', '--enforce-eager', '--shutdown-timeout', '8'],
      { shutdownTimeoutSeconds: 8 },
    ],
    ['no cache of pages', ['--mm-processor-cache-gb', '0'], { hasProcessorCache: false }],
    ['hosts for media', ['--allowed-media-domains', 'a.invalid', 'b.invalid', '--seed', '-1'], {}],
  ])('takes %s', (_why, args, expected) => {
    expect(parseVllmArgs(args)).toMatchObject(expected);
  });

  test.each<[args: string[], message: string]>([
    [['--foo'], 'unrecognized arguments: --foo'],
    [['--foo', 'bar', '--port', '1', '--baz=1'], 'unrecognized arguments: --foo bar --baz=1'],
    [['--no-max-model-len'], 'unrecognized arguments: --no-max-model-len'],
    [['--model', 'a/b', 'c/d'], 'unrecognized arguments: c/d'],
    [['--model'], 'argument --model: expected one argument'],
    [['--model', '--port', '1'], 'argument --model: expected one argument'],
    [['--served-model-name'], 'argument --served-model-name: expected at least one argument'],
    [['--max-model-len', 'many'], "argument --max-model-len: invalid int value: 'many'"],
    [['--max-num-seqs', '0'], "argument --max-num-seqs: invalid int value: '0'"],
    [
      ['--gpu-memory-utilization', '80'],
      "argument --gpu-memory-utilization: invalid fraction in (0, 1] value: '80'",
    ],
    [
      ['--limit-mm-per-prompt', 'image=1'],
      'argument --limit-mm-per-prompt: Value image=1 cannot be converted to <function loads>.',
    ],
    [['--port', '70000'], "argument --port: invalid port value: '70000'"],
    [['--runner', 'nobody'], "argument --runner: invalid choice: 'nobody' (choose from auto, "],
    [['--enforce-eager=yes'], "argument --enforce-eager: ignored explicit argument 'yes'"],
  ])('rejects %j', (args, message) => {
    expect(() => parseVllmArgs(args)).toThrow(message);
  });

  test('knows the flags of the version that it stands for', () => {
    const args = ['--device-memory-utilization', '0.5'];
    expect(() => parseVllmArgs(args, '0.30.0')).toThrow(
      'unrecognized arguments: --device-memory-utilization 0.5',
    );
    expect(parseVllmArgs(args, '0.33.0')).toMatchObject({ port: 8000 });
    expect(parseVllmArgs(['--port', '1'], '0.1.0')).toMatchObject({ port: 1 });
  });
});
