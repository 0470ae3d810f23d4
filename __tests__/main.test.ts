import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PLACEHOLDER_DIGEST } from '../domain/plan/placeholder';
import { bundled } from './bundled';
import { serviceOf } from './constructs/terraformJson';

const folder = mkdtempSync(join(tmpdir(), 'synth-'));
afterAll(() => rmSync(folder, { recursive: true }));
let runs = 0;
const newFolder = () => join(folder, String(++runs), 'out');

/** The environment of a shell in which nobody has set anything of ours or of cdktf's. */
const CLEAN = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(LIGHTONOCR|CDKTF|SYNTH|NODE_OPTIONS)/.test(name)),
);

/** Runs `npm run synth`'s command. */
function synth(env: Record<string, string>): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['bin/start.js', 'main'], {
    encoding: 'utf8',
    env: { ...CLEAN, ...env },
  });
}

function filesOf(out: string): Record<string, string> {
  const paths = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.json'),
  );
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(out, path), 'utf8')]));
}

const RELEASE = {
  LIGHTONOCR_SHA: '0123456789abcdef0123456789abcdef01234567',
  LIGHTONOCR_DIGEST: `sha256:${'ab'.repeat(32)}`,
  LIGHTONOCR_REVISION: 'lightonocr-gpu-0123456-abcdef',
};
const SERVICE = join('stacks', 'production-service', 'cdk.tf.json');

describe('main.ts', () => {
  test.each(['', '/below/it'])('says that a file is where the folder%s has to be', (below) => {
    const out = `${folder}/.lightonocr`;
    writeFileSync(out, '');
    const { status, stderr } = synth({
      LIGHTONOCR_DEPLOYMENT: 'production',
      LIGHTONOCR_OUT: `${out}${below}`,
    });
    expect(status).toBe(3);
    expect(stderr).toMatch(
      /^SYSTEM_REFUSED: A file is where a folder has to be\.\n\s+where: .*\.lightonocr/m,
    );
  });

  test('writes the four stacks of one deployment, and the same bytes again', () => {
    const [first, second] = [newFolder(), newFolder()];
    for (const out of [first, second]) {
      expect(synth({ LIGHTONOCR_DEPLOYMENT: 'production', LIGHTONOCR_OUT: out, ...RELEASE })).toMatchObject({
        status: 0,
      });
    }
    const { stderr } = synth({ LIGHTONOCR_OUT: newFolder() });
    expect(stderr).toMatch(/guide\.yaml: \d+ warnings, as the guide has it/);
    expect(stderr).toMatch(/\n16 stacks of guide, production, rehearsal, small are in .*out\n$/);
    expect(Object.keys(filesOf(first))).toEqual([
      'manifest.json',
      join('stacks', 'production-access', 'cdk.tf.json'),
      join('stacks', 'production-foundation', 'cdk.tf.json'),
      join('stacks', 'production-observability', 'cdk.tf.json'),
      SERVICE,
    ]);
    expect(filesOf(second)).toEqual(filesOf(first));
  });

  test('writes the release that the engine hands over', () => {
    const out = newFolder();
    synth({ LIGHTONOCR_DEPLOYMENT: 'production', LIGHTONOCR_OUT: out, ...RELEASE });
    const { template } = serviceOf(filesOf(out)[SERVICE]!);
    expect(template.revision).toBe(RELEASE.LIGHTONOCR_REVISION);
    expect(template.containers[0]!.image).toMatch(new RegExp(`@${RELEASE.LIGHTONOCR_DIGEST}$`));
  });

  test('writes every deployment, with a marked placeholder, where there is no release; into cdktf-cli’s folder', () => {
    const out = newFolder();
    // cdktf makes its own folder, but not the one above it.
    const { status } = synth({ CDKTF_OUTDIR: join(folder, 'cli') });
    expect({ status, untouched: !existsSync(out) }).toEqual({ status: 0, untouched: true });
    const files = filesOf(join(folder, 'cli'));
    const deployments = readdirSync('deployments').filter((file) => file.endsWith('.yaml'));
    expect(Object.keys(files)).toHaveLength(1 + 4 * deployments.length);
    const [, digest] = String(serviceOf(files[SERVICE]!).template.containers[0]!.image).split('@');
    expect(digest).toBe(PLACEHOLDER_DIGEST);
  });

  test('holds the google bindings of the resources that it makes, and no others', async () => {
    const { outputs } = await bundled('main');
    const { inputs } = outputs.find(({ entryPoint }) => entryPoint === 'main.ts')!;
    const loaded = Object.keys(inputs).flatMap(
      (path) => /@cdktf.provider-google.lib.(.+?)(.index)?.js$/.exec(path)?.[1] ?? [],
    );
    expect(loaded.sort()).toEqual([
      'artifact-registry-repository',
      'artifact-registry-repository-iam-member',
      'cloud-run-v2-job',
      'cloud-run-v2-service',
      'cloud-run-v2-service-iam-member',
      'data-google-storage-bucket',
      'iam-workload-identity-pool',
      'iam-workload-identity-pool-provider',
      'monitoring-alert-policy',
      'monitoring-dashboard',
      'monitoring-notification-channel',
      'project-iam-custom-role',
      'project-iam-member',
      'project-service',
      'provider',
      'secret-manager-secret-iam-member',
      'service-account',
      'service-account-iam-member',
      'storage-bucket',
      'storage-bucket-iam-member',
    ]);
  });

  test('says what a deployment is warned of, on stderr, and goes on', () => {
    const out = newFolder();
    const { status, stdout, stderr } = synth({ LIGHTONOCR_DEPLOYMENT: 'guide', LIGHTONOCR_OUT: out });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/^warning PAGE_TEXT_CUT at deployments\/guide\.yaml vllm\.maxModelLen/m);
  });

  test.each([
    ['a deployment that does not exist', { LIGHTONOCR_DEPLOYMENT: 'produktion' }, 'UNKNOWN_DEPLOYMENT'],
    ['a release of no deployment', RELEASE, 'RELEASE_WITHOUT_DEPLOYMENT'],
    [
      'a revision that is not of the service',
      { ...RELEASE, LIGHTONOCR_DEPLOYMENT: 'production', LIGHTONOCR_REVISION: 'other-1' },
      'INVALID_SERVICE',
    ],
  ])('rejects %s with exit code 2 and writes no stack', (_what, env, code) => {
    const out = newFolder();
    const { status, stderr } = synth({ ...env, LIGHTONOCR_OUT: out });
    expect({ status, code: stderr.match(/^[A-Z_]+(?=:)/m)?.[0] }).toEqual({ status: 2, code });
    expect(existsSync(out) ? Object.keys(filesOf(out)) : []).toEqual([]);
  });
});
