import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const instructions = readFileSync('gpu-container/Dockerfile', 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\s*\\\n\s*/g, ' ')
  .split('\n')
  .filter(Boolean);
const last = (name: string) => instructions.findLast((line) => line.startsWith(`${name} `));

describe('gpu-container/Dockerfile', () => {
  test('starts vLLM itself, with no flags: Cloud Run’s args are the only ones', () => {
    expect(last('ENTRYPOINT')).toBe('ENTRYPOINT ["python3", "-m", "vllm.entrypoints.openai.api_server"]');
    expect(last('CMD')).toBe('CMD []');
  });

  test('runs as a numeric user that is not root', () => {
    expect(last('USER')).toMatch(/^USER [1-9]\d*:[1-9]\d*$/);
  });

  test('starts offline, from the cache that it copies', () => {
    expect(last('ENV')).toMatch(/HF_HOME=\/model-cache HF_HUB_OFFLINE=1/);
    expect(last('COPY')).toMatch(/^COPY --from=model .*\/model-cache \/model-cache$/);
  });

  test('can be pinned by digest without another base line', () => {
    expect(instructions).toContain('FROM ${VLLM_IMAGE}${VLLM_DIGEST:+@}${VLLM_DIGEST} AS base');
  });
});

// The project needs Node alone; the script runs where the image is built.
const describeWithPython = spawnSync('python3', ['--version']).status === 0 ? describe : describe.skip;

describeWithPython('download_model.py', () => {
  const folder = mkdtempSync(join(tmpdir(), 'model-'));
  const commit = 'c0ffee0000000000000000000000000000000000';
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs it against a hub that lays out a snapshot as huggingface_hub does: by commit, without `refs/main`. */
  function download(revision: string): string {
    writeFileSync(
      join(folder, 'huggingface_hub.py'),
      [
        'import os, pathlib',
        'def snapshot_download(model_id, revision):',
        "    cache = pathlib.Path(os.environ['HF_HOME']) / 'hub' / ('models--' + model_id.replace('/', '--'))",
        `    snapshot = cache / 'snapshots' / '${commit}'`,
        '    snapshot.mkdir(parents=True, exist_ok=True)',
        '    return str(snapshot)',
      ].join('\n'),
    );
    cpSync('gpu-container/download_model.py', join(folder, 'download_model.py'));
    return execFileSync('python3', ['download_model.py', 'owner/model', revision], {
      cwd: folder,
      env: { ...process.env, HF_HOME: folder },
      encoding: 'utf8',
    });
  }

  test('makes a revision pinned by commit the `main` that an offline vLLM asks for', () => {
    expect(download(commit)).not.toContain('WARNING');
    expect(readFileSync(join(folder, 'hub/models--owner--model/refs/main'), 'utf8')).toBe(commit);
  });

  test('says that a branch can move', () => {
    expect(download('main')).toContain("WARNING: model revision 'main' can move");
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
    expect(allowed).toEqual(instructions.flatMap((line) => /^COPY (?!--from)(\S+) /.exec(line)?.[1] ?? []));
  });
});
