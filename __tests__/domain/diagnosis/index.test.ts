import { diagnose } from '../../../domain/diagnosis';
import { cloudQuotas } from '../../../domain/quota/quota';
import type { Symptoms } from '../../../domain/diagnosis/symptoms';
import { LATEST, REVISION } from '../../../domain/releases/traffic';
import { changed, deployment, line, recorded, revision, says, symptoms } from './symptoms';

const fixture = (file: string) => recorded.find((one) => one.file === `${file}.json`)!;
const ids = (of: ReturnType<typeof symptoms>) =>
  diagnose(of).map(({ id, revision: name }) => (name ? `${id} ${name}` : id));
const OOM = 'torch.OutOfMemoryError: CUDA out of memory.';

describe('diagnose', () => {
  test('never shows what else stands in a line than the words it looks for', () => {
    const secret = 'Invoice 4711 of Harbour Ltd';
    const lines = [
      says(`${secret} ${OOM} Tried to allocate 1.03 GiB. ${secret}`),
      says(`error: unrecognized arguments: --foo ${secret} ${secret}`, 1),
      says(
        `OSError: We couldn't connect to 'https://huggingface.co' to load this file, couldn't find it in the cached files ${secret}`,
        2,
      ),
      says(`The prompt (total length 2381) is longer than the maximum model length of 2048. ${secret}`, 3),
    ];
    const found = diagnose(symptoms({ lines }));
    expect(found.map(({ id }) => id).sort()).toEqual([
      'flag-unknown',
      'gpu-memory',
      'model-missing',
      'pages-cut',
    ]);
    expect(JSON.stringify(found)).not.toContain('Harbour');
  });

  test('ranks what a message names first, then what has traffic; a case that only the settings say comes last', () => {
    const lines = [says(OOM), line({ ...fixture('container-memory').entries[1]! }, 's-b')];
    const revisions = [
      revision({ name: 's-b', percent: 90, args: ['--max-model-len', '4096'] }),
      revision({ percent: 10 }),
    ];
    expect(ids(symptoms({ lines, revisions }))).toEqual([
      'container-memory s-b',
      'gpu-memory s-a',
      'pages-cut s-b',
    ]);
  });

  test('a failed start that something explains is neither a time-out nor "not responding"', () => {
    const { conditions, entries } = fixture('cold-start-probe');
    const lines = [says(OOM), ...entries.map((entry) => line(entry))];
    expect(ids(symptoms({ lines, revisions: [revision({ ready: 'no', conditions, percent: 0 })] }))).toEqual([
      'gpu-memory s-a',
    ]);
  });

  test('who has traffic loses it before any repair; who has none needs no rollback', () => {
    const first = (percent: number) =>
      diagnose(symptoms({ lines: [says(OOM)], revisions: [revision({ percent })] }))[0]!.remedies[0]!
        .command ?? '';
    expect(first(100)).toBe(`bin/lightonocr rollback ${deployment.name} --reason "out of GPU memory"`);
    expect(first(0)).not.toContain('rollback');
  });

  test('the same words are shown once, at their newest', () => {
    const [found] = diagnose(symptoms({ lines: [says(OOM, 1), says(OOM, 2), says(OOM, 3)] }));
    expect(found!.evidence).toEqual([{ at: '2026-11-25T12:00:03.000000000Z', where: 's-a', text: OOM }]);
  });

  test('what shows a case stands in the order in which it happened', () => {
    const intent = { revision: 's-b', by: 'ann', at: '2026-11-25T11:59:59.500Z', epoch: 3, reason: 'good' };
    const hold = { ...intent, revision: 's-a', at: '2026-11-25T11:00:00Z', sha: 'a', digest: 'd' };
    const holds = [{ ...hold, templateHash: 't' }];
    const [found] = diagnose(symptoms({ intent, holds }));
    expect(found!.evidence.map(({ at }) => at)).toEqual([
      undefined,
      '2026-11-25T11:00:00Z',
      '2026-11-25T11:59:59.500Z',
    ]);
  });

  test('a service that is stopped, or not there, is told first', () => {
    expect(ids(symptoms({ service: { ...symptoms().service!, stopped: true } }))).toEqual(['stopped']);
    const { service: _service, ...without } = symptoms({ revisions: [] });
    expect(ids(without)).toEqual(['no-service']);
  });

  test('a hold on what has no traffic is told, with how to lift it; on what serves it is over', () => {
    const hold = {
      sha: 'a',
      digest: 'd',
      templateHash: 't',
      revision: 's-b',
      by: 'ann',
      at: '2026-11-25T11:00:00Z',
      reason: 'tables empty',
    };
    const state = (percent: number) =>
      symptoms({ holds: [hold], revisions: [revision(), revision({ name: 's-b', percent })] });
    expect(ids(state(0))).toEqual(['held s-b']);
    expect(diagnose(state(0))[0]!.evidence[0]!.text).toBe('ann: tables empty');
    expect(ids(state(50))).toEqual([]);
  });
});

describe('traffic-moved', () => {
  const intent = { revision: 's-a', by: 'ann', at: '2026-11-25T11:00:00Z', epoch: 3, reason: 'good' };
  const hold = {
    ...intent,
    sha: 'a',
    digest: 'd',
    templateHash: 't',
    revision: 's-b',
    reason: 'tables empty',
  };
  const moved = (change: Partial<Symptoms> = {}) => {
    const traffic = [
      { type: REVISION, revision: 's-b', percent: 60 },
      { type: REVISION, revision: 's-a', percent: 40 },
    ];
    const service = { ...symptoms().service!, traffic, trafficStatuses: traffic };
    const revisions = [revision({ name: 's-b', percent: 60 }), revision({ percent: 40 })];
    return diagnose(symptoms({ service, revisions, holds: [hold], intent, ...change }));
  };
  const commands = ([first]: ReturnType<typeof moved>) => first!.remedies.map(({ command }) => command);

  test('what has all traffic is the one to look at, before a candidate that never served and is broken', () => {
    const traffic = [
      { type: REVISION, revision: 's-c', percent: 0, tag: 'c-c' },
      { type: REVISION, revision: 's-b', percent: 100 },
    ];
    const service = { ...symptoms().service!, traffic, trafficStatuses: traffic };
    const of = (name: string, percent: number) => revision({ name, percent });
    const lines = [{ ...says(OOM), revision: 's-c' }];
    const found = moved({ service, revisions: [of('s-b', 100), of('s-c', 0), of('s-a', 0)], lines });
    expect(found.map(({ id, revision: name }) => `${id} ${name}`)).toEqual([
      'traffic-moved s-b',
      'gpu-memory s-c',
    ]);
    expect(found[0]!.what).toBe('All traffic is on s-b; s-a is meant to serve.');
  });

  test('what serves by hand, held too, is named with who meant what, and put back first', () => {
    const found = moved();
    expect(found.map(({ id, revision: name }) => `${id} ${name}`)).toEqual(['traffic-moved s-b']);
    expect(found[0]!.what).toBe('Traffic is on s-b 60 %, s-a 40 %; s-a alone is meant to serve.');
    expect(found[0]!.evidence.map(({ text }) => text)).toEqual([
      's-b 60 %, s-a 40 %',
      's-a, by ann: good',
      'serves and is held, by ann: tables empty',
    ]);
    expect(commands(found)).toEqual([
      `bin/lightonocr rollback ${deployment.name} --to s-a --reason "put back what was meant to serve"`,
      `bin/lightonocr rollback ${deployment.name} --to s-b --reason "moved on purpose"`,
    ]);
  });

  test('where the one that is meant is broken, nobody is told to go back to it first', () => {
    const found = moved({ lines: [says(OOM)] });
    expect(found.map(({ id }) => id)).toEqual(['traffic-moved', 'gpu-memory']);
    expect(found[0]!.because).toContain('that revision has troubles of its own');
    expect(commands(found)[0]).toContain('--to s-b ');
  });

  test('a share that follows the newest revision is not where it was meant, whichever that is', () => {
    const traffic = [{ type: LATEST, percent: 100 }];
    const service = { ...symptoms().service!, traffic };
    expect(ids(symptoms({ service, intent }))).toEqual(['traffic-moved s-a']);
  });

  test('nothing is said of it where it serves as meant, or where nobody knows what is meant', () => {
    expect(ids(symptoms({ intent }))).toEqual([]);
    const { intent: _none, ...unknown } = symptoms({ intent });
    expect(ids({ ...unknown, revisions: [revision({ name: 's-b' })] })).toEqual([]);
  });
});

describe('gpu-memory', () => {
  const changes = (args: string[], text: string) =>
    diagnose(
      symptoms({ lines: [says(text)], revisions: [revision({ args, percent: 0 })] }),
    )[0]!.remedies.flatMap(({ change }) => change ?? []);

  test('where vLLM got little of the GPU, more of it comes before smaller pages', () => {
    const { entries } = fixture('gpu-memory-sequence');
    const proposed = changes(
      ['--gpu-memory-utilization', '0.1'],
      entries.map(({ textPayload }) => textPayload).join('\n'),
    );
    expect(proposed[0]).toEqual({ vllm: { gpuMemoryUtilization: 0.8 } });
    // 0.33 GiB that vLLM measured: 3072 tokens are 0.328, 4096 are 0.438.
    expect(proposed[1]).toMatchObject({ vllm: { maxNumSeqs: 1, maxModelLen: 3072 } });
  });

  test('where the GPU itself has too little, it takes a smaller share of it', () => {
    expect(changes(['--gpu-memory-utilization', '0.8'], OOM)).toEqual([
      { vllm: { gpuMemoryUtilization: 0.75 } },
    ]);
  });
});

describe('container-memory', () => {
  const lines = fixture('container-memory').entries.map((entry) => line(entry));
  const ROOM = { quota: { vcpu: 80, memoryGib: 128 } };
  const LARGEST = { ...ROOM, size: { cpu: 8, memoryGib: 32 } };
  /** A revision of this size, or of one that only its log names: the recorded line says 16 GiB. */
  const remedies = (file: Parameters<typeof changed>[0], memory?: string) => {
    const revisions = [revision({ percent: 0, ...(memory !== undefined && { memory }) })];
    return diagnose(symptoms({ lines, revisions, deployment: changed({ ...ROOM, ...file }) }))[0]!.remedies;
  };
  const changes = (...of: Parameters<typeof remedies>) =>
    remedies(...of).flatMap(({ change }) => change ?? []);
  const commit = (...of: Parameters<typeof remedies>) =>
    remedies(...of).some(({ command = '' }) => command.includes('git commit'));

  test('proposes the next size that the rules allow', () => {
    expect(changes({}, '16Gi')).toEqual([{ size: { cpu: 6, memoryGib: 24 } }]);
    expect(commit({}, '16Gi')).toBe(true);
  });

  test.each(['16Gi', '16384Mi', undefined])(
    'a file that gives more than the revision’s %s is released as it is',
    (memory) => {
      expect(remedies(LARGEST, memory)).toEqual([
        {
          does: 'the file gives it 32 GiB, and this revision has 16: release the file as it is',
          command: `bin/lightonocr plan ${deployment.name} --sha HEAD --review review.md`,
        },
      ]);
    },
  );

  test.each<[what: string, file: Parameters<typeof changed>[0], change: object]>([
    ['fewer pages at a time', {}, { scaling: { concurrency: 8 } }],
    [
      'no more than the rules’ range',
      { profile: 'guide', scaling: { concurrency: 80 } },
      { scaling: { concurrency: 16 } },
    ],
    [
      'fewer sequences with them, at the floor of the range',
      { scaling: { concurrency: 8 } },
      { vllm: { maxNumSeqs: 4 }, scaling: { concurrency: 4 } },
    ],
    [
      'the revision’s size, where the file gives less',
      { size: { cpu: 4, memoryGib: 16 } },
      { size: { cpu: 8, memoryGib: 32 }, scaling: { concurrency: 8 } },
    ],
  ])('of the largest size, proposes %s', (_what, file, change) => {
    const whole = { ...LARGEST, ...file };
    expect(changes(whole, '32Gi')).toEqual([change]);
    expect(commit(whole, '32Gi')).toBe(true);
  });

  test.each<[what: string, file: Parameters<typeof changed>[0]]>([
    ['one page at a time is the least', { scaling: { concurrency: 1 }, vllm: { maxNumSeqs: 1 } }],
    ['another key breaks a rule', { region: 'us-west1' }],
  ])('has no change to commit where %s', (_what, file) => {
    const whole = { ...LARGEST, ...file };
    expect(changes(whole, '32Gi')).toEqual([]);
    expect(commit(whole, '32Gi')).toBe(false);
    expect(remedies(whole, '32Gi').at(-1)!.command).toBe('npm run synth');
  });
});

describe('cold-start', () => {
  const { conditions, entries } = fixture('cold-start-probe');
  const failing = (change: Parameters<typeof changed>[0] = {}) =>
    symptoms({
      deployment: changed(change),
      lines: entries.map((entry) => line(entry)),
      revisions: [revision({ ready: 'no', percent: 0, conditions })],
    });

  test('proposes twice the time and a request time-out that outlives it, as the rules allow', () => {
    const [found] = diagnose(failing());
    expect(found!.remedies.flatMap(({ change }) => change ?? [])[0]).toEqual({
      probe: { failureThreshold: 960 },
      requestTimeoutSeconds: 960 + 120,
    });
  });

  test('with the guide’s initial delay, looks for the moment instead', () => {
    const [found] = diagnose(failing({ probe: { initialDelaySeconds: 200 } }));
    expect(found!.remedies.flatMap(({ change }) => change ?? [])).toContainEqual({
      probe: { initialDelaySeconds: 0 },
    });
  });

  test('says how far vLLM came', () => {
    expect(diagnose(failing())[0]!.evidence.map(({ text }) => text)).toContain(
      'torch.compile takes 126.05 s',
    );
  });
});

describe('quota', () => {
  const finding = (verdict: 'blocks' | 'unclear' | 'fits') => ({
    quota: cloudQuotas(deployment)[0]!,
    ...{ verdict, limit: 0, each: 1, largest: 1, sum: 2 },
  });
  const waited = fixture('no-instance').entries.map((entry) => line(entry));

  test('a quota that does not hold the deployment is told before anything failed, and explains a 429', () => {
    const state = (lines = [] as typeof waited) => diagnose(symptoms({ quota: [finding('blocks')], lines }));
    expect(state()).toMatchObject([{ id: 'quota', certainty: 'setting' }]);
    expect(state(waited)).toMatchObject([{ id: 'quota', certainty: 'inferred' }]);
    expect(state()[0]!.remedies.at(-1)!.command).toMatch(ask(''));
  });

  const ask = (more: string) =>
    new RegExp(
      `^bin/lightonocr quota ${deployment.name} --request --email \\S+ config get-value account\\)"${more}$`,
    );
  const refused = [revision({ ready: 'no', percent: 0, conditions: fixture('quota').conditions })];
  const asked = (...found: ReturnType<typeof finding>[]) =>
    diagnose(symptoms({ revisions: refused, quota: found }))[0]!.remedies.slice(2);

  test('asks for room beside others of the project, where the limit would do for this service alone', () => {
    const fits = { ...finding('fits'), limit: 3 };
    expect(asked(fits)).toMatchObject([{ command: expect.stringMatching(ask(' --gpus 4')) }]);
    expect(asked(finding('unclear'))).toMatchObject([{ command: expect.stringMatching(ask('')) }]);
    expect(asked()).toMatchObject([{ command: expect.stringMatching(ask('')) }]);
  });

  test('says so where no request raises it', () => {
    const fixed = { ...finding('blocks'), fixed: 'NO_VALID_BILLING_ACCOUNT' };
    expect(asked(fixed)).toEqual([{ does: expect.stringContaining('(NO_VALID_BILLING_ACCOUNT)') }]);
  });

  test('what is only unclear explains nothing: a 429 is then the service’s own maximum', () => {
    expect(ids(symptoms({ quota: [finding('unclear')] }))).toEqual([]);
    expect(ids(symptoms({ quota: [finding('unclear')], lines: waited }))).toEqual(['no-instance']);
  });
});

describe('not-responding', () => {
  test('counts 5xx of the metrics against the alert’s limit', () => {
    const withErrors = (errors: number) =>
      ids(
        symptoms({ revisions: [revision({ stats: { requests: 100, errors, throttled: 0, periods: [] } })] }),
      );
    expect(withErrors(5)).toEqual([]);
    expect(withErrors(6)).toEqual(['not-responding s-a']);
  });

  test('a port by hand that Cloud Run does not know is told from the flags alone, without any other flag', () => {
    const args = ['--port', '9000', '--api-key', 'secret'];
    const [found] = diagnose(symptoms({ revisions: [revision({ args })] }));
    expect(found).toMatchObject({ id: 'not-responding', certainty: 'inferred' });
    expect(JSON.stringify(found)).not.toContain('secret');
    expect(found!.remedies.at(-1)!.command).toContain('lightonocr logs');
  });

  describe('a start-up probe that does not see a vLLM that is up', () => {
    const { conditions, entries } = fixture('not-responding-path');
    const lines = entries.map((entry) => line(entry));
    const remedies = (probePath: string, file: Parameters<typeof changed>[0] = {}) => {
      const revisions = [revision({ ready: 'no', percent: 0, conditions, probePath })];
      return diagnose(symptoms({ lines, revisions, deployment: changed(file) }))[0]!.remedies;
    };
    const plan = `bin/lightonocr plan ${deployment.name} --sha HEAD --review review.md`;

    test.each<[what: string, path: string, file: Parameters<typeof changed>[0], first: object]>([
      ['takes the file’s, where that asks vLLM', '/', {}, { command: plan }],
      [
        'else is changed to ask vLLM',
        '/',
        { probe: { path: '/' } },
        { change: { probe: { type: 'http', path: '/health' } } },
      ],
      [
        'is not changed where a rule is broken',
        '/',
        { probe: { path: '/' }, region: 'us-west1' },
        { command: 'npm run synth' },
      ],
      [
        'is not changed where it asks vLLM already: the log is read first',
        '/health',
        {},
        { command: expect.stringContaining('logs') },
      ],
    ])('%s', (_what, path, file, first) => {
      expect(remedies(path, file)[0]).toMatchObject(first);
      expect(remedies(path, file).some(({ change }) => change)).toBe('change' in first);
    });
  });

  test('a condition in words that nobody knows is shown as it is', () => {
    const conditions = [
      { type: 'Ready', failed: true, message: 'Something else.', at: '2026-11-25T12:00:00Z' },
    ];
    const [found] = diagnose(symptoms({ revisions: [revision({ ready: 'no', percent: 0, conditions })] }));
    expect(found).toMatchObject({ id: 'not-responding', evidence: [{ text: 'Something else.' }] });
    // Nothing else says why: what says it is read before anything is tried.
    expect(found!.remedies[0]!.command).toBe(
      `bin/lightonocr logs ${deployment.name} --revision s-a --severity ERROR`,
    );
  });
});

describe('pages-cut', () => {
  test('proposes the context that holds page and text', () => {
    const [found] = diagnose(symptoms({ revisions: [revision({ args: ['--max-model-len', '4096'] })] }));
    // 3025 + 4096 = 7121, in steps of 1024
    expect(found!.remedies[0]!.change).toEqual({ vllm: { maxModelLen: 7168 } });
  });
});
