import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deploymentFile,
  deploymentNames,
  loadDeployment,
  readRelease,
  selectedDeploymentNames,
} from '../../deployments/load';
import { PROFILES } from '../../deployments/profiles';
import { Failure } from '../../domain/failure';
import { deploymentProblems } from '../../domain/rules';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'deployments-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function load(text: string) {
  writeFileSync(join(directory, 'x.yaml'), text);
  return loadDeployment('x', directory);
}

function failureOf(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('deploymentNames', () => {
  test('lists the shipped deployments', () => {
    expect(deploymentNames()).toEqual(['guide', 'production', 'rehearsal', 'small']);
  });

  test.each(deploymentNames())('ships %s without an error', (name) => {
    const errors = deploymentProblems(loadDeployment(name)).filter(({ severity }) => severity === 'error');
    expect(errors).toEqual([]);
  });
});

describe('selectedDeploymentNames', () => {
  test('is all of them, or the one that LIGHTONOCR_DEPLOYMENT names', () => {
    expect(selectedDeploymentNames({})).toEqual(deploymentNames());
    expect(selectedDeploymentNames({ LIGHTONOCR_DEPLOYMENT: '' })).toEqual(deploymentNames());
    expect(selectedDeploymentNames({ LIGHTONOCR_DEPLOYMENT: 'guide' })).toEqual(['guide']);
  });

  test('rejects a name that is none', () => {
    const failure = failureOf(() => selectedDeploymentNames({ LIGHTONOCR_DEPLOYMENT: 'prodution' }));
    expect(failure).toMatchObject({ code: 'UNKNOWN_DEPLOYMENT', exitCode: 2 });
  });

  describe('of a folder', () => {
    const write = (files: Record<string, string>) =>
      Object.entries(files).forEach(([name, text]) => writeFileSync(join(directory, `${name}.yaml`), text));

    test('rejects a project that two of them name, whichever is asked for; a third goes on', () => {
      write({
        a: 'project: real-project\n',
        b: 'region: &p real-project\nproject: *p\n',
        c: 'project: other-project\n',
      });
      for (const one of ['', 'a', 'b'])
        expect(
          failureOf(() => selectedDeploymentNames({ LIGHTONOCR_DEPLOYMENT: one }, directory)),
        ).toMatchObject({
          code: 'PROJECT_TWICE',
          exitCode: 2,
          got: 'real-project',
          message: expect.stringMatching(/\ba, b|b, a\b/),
        });
      expect(selectedDeploymentNames({ LIGHTONOCR_DEPLOYMENT: 'c' }, directory)).toEqual(['c']);
    });

    test('takes the placeholder any number of times, and a neighbour that cannot be read', () => {
      write({
        a: 'project: my-project\n',
        b: 'project: my-project\n',
        c: '- [\n',
        d: 'project: real-project\n',
      });
      expect(selectedDeploymentNames({}, directory)).toEqual(['a', 'b', 'c', 'd']);
    });
  });
});

describe('loadDeployment', () => {
  test('fills in the standard profile by default', () => {
    expect(load('project: my-project\n')).toEqual({
      name: 'x',
      profile: 'standard',
      project: 'my-project',
      ...PROFILES.standard,
    });
  });

  test('puts the file over the profile, key by key', () => {
    const deployment = load(
      'project: my-project\nscaling: {maxInstances: 2}\naccess: {invokers: ["user:a@b.c"]}\n',
    );
    expect(deployment.scaling).toEqual({ ...PROFILES.standard.scaling, maxInstances: 2 });
    expect(deployment.access.invokers).toEqual(['user:a@b.c']);
  });

  test("drops the profile's path for a TCP probe, and keeps one that the file names for the rules to find", () => {
    expect(load('project: my-project\nprobe: {type: tcp}\n').probe.path).toBeUndefined();
    expect(load('project: my-project\nprobe: {type: tcp, path: /x}\n').probe.path).toBe('/x');
  });

  test('rejects a name without a file, naming the nearest and all there are', () => {
    expect(failureOf(() => loadDeployment('prodution'))).toMatchObject({
      code: 'UNKNOWN_DEPLOYMENT',
      got: 'prodution',
      remedy:
        'did you mean production? There are: guide, production, rehearsal, small; to make another: bin/lightonocr init NAME',
      exitCode: 2,
    });
  });

  test('takes the beginning of a name for what was meant', () => {
    expect(failureOf(() => loadDeployment('prod')).remedy).toMatch(/^did you mean production\?/);
  });

  test('rejects a path for a name', () => {
    writeFileSync(join(directory, 'x.yaml'), 'project: my-project\n');
    expect(failureOf(() => loadDeployment('../x', join(directory))).code).toBe('UNKNOWN_DEPLOYMENT');
  });

  test('rejects any name in a folder without deployments', () => {
    expect(failureOf(() => loadDeployment('x', directory)).remedy).toBe(
      'There are: none; to make another: bin/lightonocr init NAME',
    );
  });

  test.each([
    ['an unclosed list', 'project: my-project\naccess: [a\nsize: 1\n', '3:1', 'size: 1'],
    ['a key twice', 'project: a\nregion: b\nproject: c\n', '3:1', 'project: c'],
    ['a tab for indentation', 'size:\n\tcpu: 4\n', '2:1', '\tcpu: 4'],
    ['an alias without an anchor', 'project: my-project\nregion: *here\n', '2:9', 'region: *here'],
    ['two documents', 'project: a\n---\nproject: b\n', '2:1', '---'],
  ])('rejects %s with line and column', (_name, text, position, line) => {
    const failure = failureOf(() => load(text));
    expect(failure).toMatchObject({ code: 'BAD_YAML', got: line, exitCode: 2 });
    expect(failure.where).toBe(`${deploymentFile('x', directory)}:${position}`);
  });

  test.each([
    ['scaling: {maxInstance: 3}', 'scaling.maxInstance', '3', 'unknown key; did you mean maxInstances?'],
    ['regoin: us-east4', 'regoin', '"us-east4"', 'unknown key; did you mean region?'],
    ['maxInstances: 2', 'maxInstances', '2', 'unknown key; did you mean scaling.maxInstances?'],
    [
      'release: {canary: {steps: [{percent: 100, bakeSeconds: 1, pause: 1}]}}',
      'release.canary.steps.0.pause',
      '1',
      'unknown key.',
    ],
    ['state: {backend: local, path: x, pth: y}', 'state.pth', '"y"', 'unknown key; did you mean path?'],
    ['size: {cpu: "8"}', 'size.cpu', '"8"', 'expected number, received string'],
    ['size:', 'size', 'null', 'expected object, received null'],
    ['profile: cheap', 'profile', '"cheap"', 'expected one of "guide"|"standard"'],
    ['state: {backend: s3}', 'state.backend', '"s3"', "Expected 'gcs' | 'local'"],
    ['state: {backend: local}', 'state.path', 'nothing', 'no profile supplies it'],
    ['release: {canary: {maxErrorRate: 5}}', 'release.canary.maxErrorRate', '5', 'expected number to be <=1'],
    [
      'release: {canary: {maxErrorRate: -0.1}}',
      'release.canary.maxErrorRate',
      '-0.1',
      'expected number to be >=0',
    ],
    ['scaling: {maxInstances: 0}', 'scaling.maxInstances', '0', 'expected number to be >=1'],
    ['scaling: {minInstances: 0.5}', 'scaling.minInstances', '0.5', 'expected int'],
    ['port: 65536', 'port', '65536', 'expected number to be <=65535'],
  ])('rejects %s, naming key, value and reason', (text, key, got, reason) => {
    const failure = failureOf(() => load(`project: my-project\n${text}\n`));
    expect(failure).toMatchObject({
      code: 'INVALID_DEPLOYMENT',
      exitCode: 2,
      where: deploymentFile('x', directory),
    });
    expect(failure.message).toContain(` ${key}: got ${got}. `);
    expect(failure.message).toContain(reason);
    const code = reason.startsWith('unknown key')
      ? 'UNKNOWN_KEY'
      : got === 'nothing'
        ? 'MISSING_KEY'
        : 'INVALID_VALUE';
    expect(failure.message).toContain(`${code} at `);
  });

  test('rejects all wrong keys together', () => {
    const { message } = failureOf(() => load('scaling: {maxInstance: 3, minInstance: 0}\nport: http\n'));
    expect(message).toMatch(/^4 problems/);
    for (const key of ['scaling.maxInstance', 'scaling.minInstance', 'port', 'project']) {
      expect(message).toContain(` ${key}: got `);
    }
  });

  test.each(['', '# nothing\n', '{}'])('rejects a file without a project: %j', (text) => {
    expect(failureOf(() => load(text)).message).toContain('MISSING_KEY');
  });

  test('rejects a file that is a list', () => {
    expect(failureOf(() => load('- project: my-project\n')).message).toContain(
      'expected object, received array',
    );
  });
});

describe('readRelease', () => {
  const env = {
    LIGHTONOCR_SHA: 'a'.repeat(40),
    LIGHTONOCR_DIGEST: `sha256:${'b'.repeat(64)}`,
    LIGHTONOCR_REVISION: 'lightonocr-gpu-aaaaaaa-bbbbbb',
  };

  test('reads the release that the engine chose', () => {
    expect(readRelease(env)).toEqual({
      sha: env.LIGHTONOCR_SHA,
      digest: env.LIGHTONOCR_DIGEST,
      revision: env.LIGHTONOCR_REVISION,
    });
  });

  test('is undefined when none is set, or all are empty', () => {
    expect(readRelease({})).toBeUndefined();
    expect(
      readRelease({ LIGHTONOCR_SHA: '', LIGHTONOCR_DIGEST: '', LIGHTONOCR_REVISION: '' }),
    ).toBeUndefined();
  });

  test.each([
    ['a part left out', { ...env, LIGHTONOCR_DIGEST: undefined }, 'LIGHTONOCR_DIGEST'],
    ['a short SHA', { ...env, LIGHTONOCR_SHA: 'aaaaaaa' }, 'LIGHTONOCR_SHA'],
    ['a tag for a digest', { ...env, LIGHTONOCR_DIGEST: 'latest' }, 'LIGHTONOCR_DIGEST'],
    ['a revision of 64 characters', { ...env, LIGHTONOCR_REVISION: 'r'.repeat(64) }, 'LIGHTONOCR_REVISION'],
    ['one part alone', { LIGHTONOCR_SHA: env.LIGHTONOCR_SHA }, 'LIGHTONOCR_DIGEST, LIGHTONOCR_REVISION'],
  ])('rejects %s', (_name, environment, where) => {
    expect(failureOf(() => readRelease(environment))).toMatchObject({
      code: 'BAD_RELEASE',
      where,
      exitCode: 2,
    });
  });

  test('takes a revision of 63 characters', () => {
    expect(readRelease({ ...env, LIGHTONOCR_REVISION: 'r'.repeat(63) })?.revision).toHaveLength(63);
  });
});
