import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { accountEmail, accountId, bucketName, IMAGE, REPOSITORY } from '../../domain/names';
import { messageReader } from '../../rehearsal/cloud/protoJson';
import { DEPLOYMENT } from '../constructs/deployment';

interface Step {
  readonly id: string;
  readonly env: readonly string[];
  readonly script: string;
}
interface CloudBuild {
  readonly steps: readonly Step[];
  readonly images: readonly string[];
  readonly substitutions: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly serviceAccount: string;
  readonly logsBucket: string;
  readonly timeout: string;
  readonly queueTtl: string;
}

const text = readFileSync('cloudbuild/gpu-cloudbuild.yaml', 'utf8');
const build = parse(text) as CloudBuild;
const dockerfile = readFileSync('gpu-container/Dockerfile', 'utf8');
/** https://cloud.google.com/build/docs/configuring-builds/substitute-variable-values; SHORT_SHA is handed over. */
const BUILT_IN = ['PROJECT_ID', 'SHORT_SHA'];
/** Scripts are shell: Cloud Build replaces nothing in them. */
const replaced = JSON.stringify({ ...build, steps: build.steps.map(({ env }) => env), substitutions: {} });

describe('cloudbuild/gpu-cloudbuild.yaml', () => {
  test('uses what it declares and declares what it uses: Cloud Build refuses either difference', () => {
    const used = new Set([...replaced.matchAll(/\$\{?([A-Z_]+)\}?/g)].map(([, name]) => name!));
    expect([...used].sort()).toEqual([...BUILT_IN, ...Object.keys(build.substitutions)].sort());
  });

  test('pushes the commit’s tag only: `content-…` is the engine’s', () => {
    expect(build.images).toEqual([
      '${_REGION}-docker.pkg.dev/$PROJECT_ID/${_REPOSITORY}/${_IMAGE}:$SHORT_SHA',
    ]);
    expect(text).not.toMatch(/:content-/);
  });

  test('has the names of the stacks', () => {
    const { project, region } = DEPLOYMENT;
    const named = (value: string) => value.replaceAll('$PROJECT_ID', project);
    expect(build.substitutions).toMatchObject({ _REGION: region, _REPOSITORY: REPOSITORY, _IMAGE: IMAGE });
    expect(named(build.logsBucket)).toBe(`gs://${bucketName(DEPLOYMENT, 'logs')}`);
    expect(named(build.serviceAccount)).toBe(
      `projects/${project}/serviceAccounts/${accountEmail(project, accountId('builder'))}`,
    );
  });

  test('bounds both the wait for a machine and the build, and asks for provenance', () => {
    // The guide has seen builds of up to 60 minutes; Cloud Build's own timeout is 10, its own queueTtl 60.
    const seconds = (duration: string) => Number(/^(\d+)s$/.exec(duration)![1]);
    expect(seconds(build.timeout)).toBeGreaterThanOrEqual(3600);
    expect(seconds(build.queueTtl)).toBeGreaterThanOrEqual(3600);
    expect(build.options).toMatchObject({
      machineType: 'E2_HIGHCPU_32',
      logging: 'GCS_ONLY',
      requestedVerifyOption: 'VERIFIED',
    });
  });

  test('has room for the base image as pulled, unpacked and inside the final image', () => {
    // Tens of GB each, the weights (1.9 GiB) in two stages beside them: the default of 100 GB is no room.
    expect(build.options.diskSizeGb).toBeGreaterThanOrEqual(150);
  });

  test('pushes one manifest, no index: the parts of an index have no tag, and what has none is deleted', () => {
    expect(build.steps.find(({ id }) => id === 'build')!.env).toContain('BUILDX_NO_DEFAULT_ATTESTATIONS=1');
  });

  test('builds with the defaults of the Dockerfile', () => {
    const defaults = [...dockerfile.matchAll(/^ARG (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
    expect(defaults.map(([name]) => [name, build.substitutions[`_${name}`]])).toEqual(defaults);
  });

  test('holds no secret', () => {
    expect(text).not.toMatch(/secret|password|token|api[_-]?key/i);
  });
});

describe('as Cloud Build reads it', () => {
  const read = messageReader(
    '@google-cloud/cloudbuild/build/protos/protos.json',
    'google.devtools.cloudbuild.v1.Build',
    'build',
  );

  test('every key and value is one of Cloud Build’s own', () => {
    // Whatever the reader drops is output only or a default: nothing that is written here.
    expect(Object.keys(read(build)).sort()).toEqual(Object.keys(build).sort());
  });

  test.each<[string, object, string]>([
    ['an unknown key', { ...build, queueTTL: '60s' }, `Unknown name "queueTTL" at 'build'`],
    [
      'an unknown key of a step',
      { ...build, steps: [{ name: 'a', scripts: 'b' }] },
      `Unknown name "scripts" at 'build.steps[0]'`,
    ],
    [
      'a machine that there is not',
      { ...build, options: { machineType: 'E2_HIGHCPU_64' } },
      "at 'build.options.machineType'",
    ],
    ['a time without its unit', { ...build, timeout: '7200' }, "at 'build.timeout'"],
    ['a substitution that is no text', { ...build, substitutions: { _NO_CACHE: false } }, '_NO_CACHE'],
  ])('rejects %s', (_what, changed, words) => {
    expect(() => read(changed)).toThrow(words);
  });
});

describe('its scripts, run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steps-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const REVISION = 'c0ffee0000000000000000000000000000000000';
  const DIGEST = `sha256:${'a'.repeat(64)}`;
  const NAME = 'us-central1-docker.pkg.dev/p/loan-repo/lightonocr-gpu';

  /** Runs a step with these substitutions, where `docker` and `gcloud` write down their words and do as `program` says. */
  function run(id: string, substitutions: Readonly<Record<string, string>>, program = '') {
    const path = mkdtempSync(join(folder, 'path-'));
    const calls = join(path, 'calls');
    const stand = `#!/bin/bash\necho "$(basename "$0") $*" >>${calls}\n${program}\n`;
    for (const name of ['docker', 'gcloud']) writeFileSync(join(path, name), stand, { mode: 0o755 });
    writeFileSync(calls, '');
    const step = build.steps.find((each) => each.id === id)!;
    const values: Readonly<Record<string, string>> = {
      ...build.substitutions,
      PROJECT_ID: 'p',
      SHORT_SHA: 'abc1234',
      ...substitutions,
    };
    const env = step.env.map((line) => line.replace(/\$\{?(\w+)\}?/g, (_, name: string) => values[name]!));
    const { status, stdout } = spawnSync('bash', ['-c', step.script], {
      encoding: 'utf8',
      env: {
        PATH: `${path}:${process.env.PATH}`,
        ...Object.fromEntries(env.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)])),
      },
    });
    return { status, stdout, calls: readFileSync(calls, 'utf8').trim().split('\n') };
  }
  const pinned = { _VLLM_DIGEST: DIGEST, _DOWNLOADER_DIGEST: DIGEST, _MODEL_REVISION: REVISION };

  test('hands the Dockerfile each of its ARGs', () => {
    const { calls } = run('build', pinned);
    const declared = [...dockerfile.matchAll(/^ARG (\w+)/gm)].map(([, name]) => name!);
    const handed = [...calls.at(-1)!.matchAll(/--build-arg=(\w+)=(\S*)/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    const values = { ...build.substitutions, ...pinned } as Record<string, string>;
    expect(Object.fromEntries(handed)).toEqual(
      Object.fromEntries(declared.map((name) => [name, values[`_${name}`]])),
    );
  });

  test('keeps the model’s stage by its revision, then builds the commit’s image from the uploaded folder', () => {
    const { status, stdout, calls } = run('build', pinned);
    const cache = `${NAME}-cache:model-${REVISION}`;
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(calls).toEqual([
      expect.stringMatching(
        `^docker build .*--cache-from=${cache} --target=model --tag=${cache} --build-arg=BUILDKIT_INLINE_CACHE=1 gpu-container$`,
      ),
      `docker push --quiet ${cache}`,
      // The model's stage is a cache of this one too, whatever the builder keeps between the two.
      expect.stringMatching(`^docker build .*--cache-from=${cache} --tag=${NAME}:abc1234 gpu-container$`),
    ]);
    expect(calls.join('\n')).not.toContain('--no-cache');
  });

  test('goes on when the registry does not keep the model’s stage', () => {
    const { status, calls } = run('build', pinned, '[ "$1" != push ]');
    expect([status, calls.length]).toEqual([0, 3]);
  });

  test('builds all anew with _NO_CACHE, and takes nothing from the registry', () => {
    const { calls } = run('build', { ...pinned, _NO_CACHE: 'true' });
    expect(calls).toEqual([expect.stringContaining(' --no-cache --pull --tag=')]);
  });

  test('without pins, says which digest it took, and takes no model from the registry', () => {
    const { status, stdout, calls } = run(
      'build',
      {},
      `[ "$1" = image ] && echo vllm/vllm-openai@${DIGEST} || true`,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^NOT PINNED: vllm\/vllm-openai:\S+\. .*_VLLM_DIGEST/m);
    expect(stdout).toMatch(/^NOT PINNED: python:\S+\. .*_DOWNLOADER_DIGEST/m);
    expect(stdout).toContain(DIGEST);
    expect(stdout).toContain('NOT PINNED: the model.');
    expect(calls.filter((call) => /cache/.test(call))).toEqual([]);
  });

  test('rejects a base image that is not there, and says where the tags are', () => {
    const { status, stdout, calls } = run('build', {}, '[ "$1" != pull ]');
    expect([status, calls.length]).toEqual([1, 1]);
    expect(stdout).toContain('There is no vllm/vllm-openai:v0.32.0-cu129.');
  });

  test('fails when the build fails', () => {
    expect(run('build', pinned, '[ "$1" != build ]').status).toBe(1);
  });

  const finds = (...severities: string[]) =>
    `case "$4" in scan) echo scans/1 ;; list-vulnerabilities) printf '%s\\n' ${severities.join(' ')} ;; esac`;
  test.each<[string, string, string[], number]>([
    ['reports and passes', '', ['CRITICAL', 'LOW'], 0],
    ['passes what is not as grave', 'CRITICAL', ['HIGH', 'LOW'], 0],
    ['rejects what is as grave', 'CRITICAL', ['LOW', 'CRITICAL'], 1],
    ['rejects what is graver', 'HIGH', ['CRITICAL'], 1],
    ['rejects what it was told to', 'HIGH', ['HIGH', 'MINIMAL'], 1],
    ['passes an image without findings', 'HIGH', [''], 0],
  ])('the gate %s with _FAIL_ON %s', (_what, failOn, severities, status) => {
    const ran = run('vulnerabilities', { _FAIL_ON: failOn }, finds(...severities));
    expect(ran.status).toBe(status);
    for (const severity of severities) expect(ran.stdout).toContain(severity);
    expect(ran.calls[0]).toContain(`${NAME}:abc1234 --location=us `);
  });

  test.each([
    ['', 0],
    ['HIGH', 1],
  ])('a scan that could not be made is said, and is no pass with _FAIL_ON "%s"', (failOn, status) => {
    const ran = run('vulnerabilities', { _FAIL_ON: failOn }, 'exit 1');
    expect([ran.status, ran.stdout]).toEqual([status, expect.stringContaining('NOT SCANNED')]);
    expect(ran.stdout).toContain('bin/lightonocr bootstrap DEPLOYMENT --run foundation');
    expect(ran.stdout).not.toContain('roles/');
  });

  test('the gate rejects a word that is no severity', () => {
    expect(run('vulnerabilities', { _FAIL_ON: 'critical' }).status).toBe(1);
  });
});
