import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { PROFILES } from '../../deployments/profiles';
import { vllmArgs } from '../../domain/vllmArgs';

const instructions = readFileSync('gpu-container/Dockerfile', 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\s*\\\n\s*/g, ' ')
  .split('\n')
  .filter(Boolean);
const last = (name: string) => instructions.findLast((line) => line.startsWith(`${name} `));

describe('gpu-container/Dockerfile', () => {
  test('starts vLLM itself, in exec form: Cloud Run’s SIGTERM reaches it', () => {
    expect(last('ENTRYPOINT')).toBe('ENTRYPOINT ["vllm", "serve"]');
  });

  test('has the flags of the standard profile where it gets none', () => {
    const standard = { name: 'any', profile: 'standard' as const, project: 'any', ...PROFILES.standard };
    expect(JSON.parse(last('CMD')!.slice('CMD '.length))).toEqual(vllmArgs(standard));
  });

  test('runs as a numeric user that is not root', () => {
    expect(last('USER')).toMatch(/^USER [1-9]\d*:[1-9]\d*$/);
  });

  test('starts offline, from the cache that it copies', () => {
    expect(last('ENV')).toMatch(/HF_HOME=\/model-cache HF_HUB_OFFLINE=1/);
    expect(instructions).toContain('COPY --from=model --chown=10001:10001 /model-cache /model-cache');
  });

  test('can be pinned by digest, in each of its stages', () => {
    expect(instructions.filter((line) => line.startsWith('FROM '))).toEqual([
      'FROM ${DOWNLOADER_IMAGE}${DOWNLOADER_DIGEST:+@}${DOWNLOADER_DIGEST} AS model',
      'FROM ${VLLM_IMAGE}${VLLM_DIGEST:+@}${VLLM_DIGEST}',
    ]);
  });

  test('guesses no digest and no revision', () => {
    const unpinned = instructions.filter((line) => /^ARG \w+_(DIGEST|REVISION)=/.test(line));
    expect(unpinned).toEqual(['ARG VLLM_DIGEST=', 'ARG DOWNLOADER_DIGEST=', 'ARG MODEL_REVISION=']);
  });

  test.each([
    [
      '',
      'NOT PINNED: VLLM_DIGEST is the digest that this prints: docker buildx imagetools inspect vllm:tag\n',
    ],
    ['sha256:abc', ''],
  ])('with the digest "%s" says "%s"', (VLLM_DIGEST, said) => {
    const script = instructions.find((line) => /^RUN .*NOT PINNED/.test(line))!.slice('RUN '.length);
    const env = { PATH: process.env.PATH!, VLLM_IMAGE: 'vllm:tag', VLLM_DIGEST };
    const { status, stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env });
    expect({ status, stdout }).toEqual({ status: 0, stdout: said });
    // Without these the stage does not know the arguments that stand before every FROM.
    const stage = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
    expect(stage).toEqual(expect.arrayContaining(['ARG VLLM_IMAGE', 'ARG VLLM_DIGEST']));
  });

  test('makes the layer of the model from nothing that a change of vLLM, transformers, flags or checks touches', () => {
    const stage = instructions.slice(
      instructions.findIndex((line) => line.endsWith(' AS model')),
      instructions.findIndex((line) => line.startsWith('FROM ${VLLM_IMAGE}')),
    );
    const download = stage.findIndex((line) => /^RUN .*download_model\.py "/.test(line));
    // An edit of whatever is copied before it downloads the weights again.
    expect(stage.slice(0, download).filter((line) => /^(COPY|ADD) /.test(line))).toEqual([
      'COPY download_model.py /model-build/',
    ]);
    expect(stage[download]).toBe(
      'RUN python3 /model-build/download_model.py "${MODEL_ID}" "${MODEL_REVISION}"',
    );
    const used = [...stage.join('\n').matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    expect([...new Set(used)].sort()).toEqual([
      'DOWNLOADER_DIGEST',
      'DOWNLOADER_IMAGE',
      'MODEL_ID',
      'MODEL_REVISION',
    ]);
  });

  test('checks the model in its own stage, before that is kept, and loads it offline as the user that will start', () => {
    const checks = instructions.filter((line) => line.includes('check_model.py "'));
    expect(checks).toHaveLength(2);
    expect(checks[0]).toMatch(/^RUN python3 \S+check_model\.py "\$\{MODEL_ID\}"$/);
    expect(checks[1]).toMatch(/^RUN python3 \S+check_model\.py "\$\{MODEL_ID\}" --load$/);
    const at = (line: string) => instructions.indexOf(line);
    const downloads = instructions.findIndex((line) => /^RUN .*download_model\.py "/.test(line));
    expect(at(checks[0]!)).toBeGreaterThan(downloads);
    expect(at(checks[0]!)).toBeLessThan(
      instructions.indexOf('FROM ${VLLM_IMAGE}${VLLM_DIGEST:+@}${VLLM_DIGEST}'),
    );
    expect(at(checks[1]!)).toBeGreaterThan(at(last('USER')!));
    expect(at(checks[1]!)).toBeGreaterThan(at(last('ENV')!));
  });

  test.each([
    ['5.16.1', 'pip install --system --no-cache transformers==5.16.1\n'],
    ['', ''],
  ])('installs transformers "%s" as %j', (TRANSFORMERS_VERSION, said) => {
    const script = instructions.find((line) => /^RUN .*transformers==/.test(line))!.slice('RUN '.length);
    const env = { PATH: process.env.PATH!, TRANSFORMERS_VERSION };
    const shown = spawnSync('sh', ['-c', `uv() { echo "$@"; }; ${script}`], { encoding: 'utf8', env });
    expect([shown.status, shown.stdout]).toEqual([0, said]);
  });

  test('holds no secret and sends no statistics', () => {
    expect(instructions.join('\n')).not.toMatch(/secret|password|hf_token|api[_-]?key/i);
    expect(last('ENV')).toMatch(/VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1$/);
  });
});

describe('ignore files', () => {
  test.each(['.gitignore', '.dockerignore', 'gpu-container/.dockerignore', '.gcloudignore'])(
    '%s keeps a workflow’s credentials out',
    (file) => {
      const lines = readFileSync(file, 'utf8').trim().split('\n');
      const pattern = lines.lastIndexOf('gha-creds-*.json');
      expect(pattern).toBeGreaterThan(-1);
      // A later `!…` could let them in again.
      expect(lines.slice(pattern).some((line) => line.startsWith('!'))).toBe(false);
    },
  );

  test('gpu-container/.dockerignore lets through what the Dockerfile copies', () => {
    const allowed = readFileSync('gpu-container/.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    expect(readdirSync('gpu-container')).toEqual(expect.arrayContaining(allowed));
    const copied = instructions.flatMap(
      (line) => /^COPY (?!--from)(.+) \S+$/.exec(line)?.[1]?.split(' ') ?? [],
    );
    expect(allowed.sort()).toEqual([...new Set(copied)].sort());
  });
});
