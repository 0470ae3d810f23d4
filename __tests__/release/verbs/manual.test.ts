import { execFileSync, spawnSync } from 'node:child_process';
import { fill, type Given } from '../../../deployments/fill';
import { loadDeployment } from '../../../deployments/load';
import type { Deployment } from '../../../domain/deployment';
import { revisionName } from '../../../domain/names';
import { revisionTemplate, templateHash } from '../../../domain/template';
import { gcloudList, manual, shellQuote } from '../../../release/verbs/manual';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const IMAGE = 'us-central1-docker.pkg.dev/my-project/loan-repo/lightonocr-gpu';

const guide = loadDeployment('guide');
const standard = loadDeployment('production');

/**
 * Runs a script in `sh`, with `docker` and `gcloud` as functions that print their words, one `[word]` a line to the
 * command's `--`; `gcloud` answers the two questions that the script asks.
 */
function run(script: string, serviceExists: boolean): string[][] {
  const stand = `
    words() { echo -- >&3; for word; do printf '[%s]\\n' "$word" >&3; done; }
    docker() { words docker "$@"; }
    gcloud() { words gcloud "$@"; case "$1 $2 $3" in
      'artifacts docker images') echo ${DIGEST};;
      'run services list') echo ${serviceExists ? 'lightonocr-gpu' : ''};;
    esac; }
    exec 3>&1 >/dev/null
  `;
  const output = execFileSync('sh', ['-c', `${stand}\n${script}`], { encoding: 'utf8' });
  return output
    .split('--\n')
    .slice(1)
    .map((words) =>
      words
        .trimEnd()
        .split('\n')
        .map((word) => word.slice(1, -1)),
    );
}

/** The words of `gcloud run deploy` as gcloud gets them. */
function deployWords(deployment: Deployment, digest?: string, serviceExists = true): string[] {
  const words = run(manual(deployment, { sha: SHA, digest }), serviceExists).find(
    (each) => each[2] === 'deploy',
  );
  return words!;
}

/** gcloud's reading of a list: `gcloud topic escaping`. */
function readList(value: string): string[] {
  const delimiter = /^\^([^^]+)\^/.exec(value);
  return delimiter ? value.slice(delimiter[0].length).split(delimiter[1]!) : value.split(',');
}

const after = (words: string[], flag: string) => words[words.indexOf(flag) + 1];

describe('manual', () => {
  test('builds and pushes the image of the commit, then deploys the digest that the registry has', () => {
    const commands = run(manual(guide, { sha: SHA }), true);
    expect(commands.map((words) => words.slice(0, 3).join(' '))).toEqual([
      'gcloud auth configure-docker',
      'docker build --platform',
      `docker push ${IMAGE}:0123456`,
      'gcloud artifacts docker',
      'gcloud run services',
      'gcloud run deploy',
    ]);
    expect(commands[1]).toEqual([
      ...['docker', 'build', '--platform', 'linux/amd64'],
      ...['--build-arg', 'VLLM_IMAGE=vllm/vllm-openai:v0.32.0-cu129'],
      ...['--build-arg', 'MODEL_ID=lightonai/LightOnOCR-2-1B'],
      ...['--build-arg', 'TRANSFORMERS_VERSION=5.19.0'],
      ...['--tag', `${IMAGE}:0123456`, 'gpu-container'],
    ]);
    expect(after(commands.at(-1)!, '--image')).toBe(`${IMAGE}@${DIGEST}`);
    expect(after(commands.at(-1)!, '--tag')).toBe('c-0123456-ababab');
  });

  test('builds with the pins that the deployment has', () => {
    const pinned = fill<Deployment>(guide, {
      image: { baseDigest: DIGEST },
      model: { revision: 'f'.repeat(40) },
    });
    const build = run(manual(pinned, { sha: SHA }), true)[1];
    expect(build).toEqual(
      expect.arrayContaining([`VLLM_DIGEST=${DIGEST}`, `MODEL_REVISION=${'f'.repeat(40)}`]),
    );
  });

  test('deploys the guide with every setting', () => {
    const words = deployWords(guide, DIGEST);
    const suffix = revisionName('', SHA, templateHash(revisionTemplate(guide, DIGEST))).slice(1);
    expect(words).toEqual([
      ...['gcloud', 'run', 'deploy', 'lightonocr-gpu', '--no-traffic'],
      ...['--image', `${IMAGE}@${DIGEST}`, '--project', 'my-project', '--region', 'us-central1'],
      ...['--revision-suffix', suffix, '--tag', `c-${suffix}`],
      '--update-labels',
      `commit-sha=${SHA},template-hash=${templateHash(revisionTemplate(guide, DIGEST))}`,
      ...['--execution-environment', 'gen2'],
      ...['--service-account', 'lightonocr-gpu@my-project.iam.gserviceaccount.com'],
      ...['--ingress', 'all', '--no-allow-unauthenticated'],
      ...['--gpu', '1', '--gpu-type', 'nvidia-l4', '--no-gpu-zonal-redundancy'],
      ...['--cpu', '8', '--memory', '32Gi', '--no-cpu-throttling', '--no-cpu-boost'],
      ...[
        '--min-instances',
        '0',
        '--max-instances',
        '3',
        '--concurrency',
        '80',
        '--timeout',
        '300',
        '--port',
        '8000',
      ],
      '--startup-probe',
      'tcpSocket.port=8000,initialDelaySeconds=240,failureThreshold=1,timeoutSeconds=240,periodSeconds=240',
      ...['--set-env-vars', 'HF_HOME=/model-cache,HF_HUB_OFFLINE=1'],
      expect.stringMatching(/^--args=/),
    ]);
  });

  test('leaves --no-traffic out for a service that is not there yet', () => {
    expect(deployWords(guide, DIGEST, true)).toContain('--no-traffic');
    expect(deployWords(guide, DIGEST, false)).not.toContain('--no-traffic');
  });

  test.each<[string, Given<Deployment>]>([
    ['as they are', {}],
    ['with commas', { vllm: { allowedMediaDomains: ['a,b', 'c'] } }],
    ['with quotes, spaces and a dollar', { model: { servedName: `LightOnOCR-2-1B it's "$HOME" \`id\` \\` } }],
  ])("hands vLLM's args over %s, through shell and gcloud", (_name, change) => {
    const deployment = fill<Deployment>(standard, change);
    const flag = deployWords(deployment, DIGEST).at(-1)!;
    expect(readList(flag.slice('--args='.length))).toEqual(revisionTemplate(deployment, DIGEST).args);
  });

  test('probes /health over HTTP in the standard profile', () => {
    expect(readList(after(deployWords(standard, DIGEST), '--startup-probe')!)).toEqual(
      expect.arrayContaining([
        'httpGet.path=/health',
        'httpGet.port=8000',
        'periodSeconds=1',
        'failureThreshold=480',
      ]),
    );
  });

  test('stops when a step fails', () => {
    const script = `docker() { return 1; }\ngcloud() { echo "$1 $2"; }\n${manual(guide, { sha: SHA })}`;
    const { status, stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'auth configure-docker\n' });
  });

  test('rejects a tag in place of a digest', () => {
    expect(() => manual(guide, { sha: SHA, digest: 'latest' })).toThrow('never by a tag');
  });

  test('rejects a project that would be a command', () => {
    expect(() => manual({ ...guide, project: '$(id)' }, { sha: SHA })).toThrow(
      'deployments/guide.yaml project: got $(id).',
    );
  });
});

describe('gcloudList', () => {
  test.each([[['a', 'b']], [['a,b', 'c']], [['a,b|', 'c@~']], [['^x^a', 'b']], [['a,|@~;', 'b']]])(
    'is read back by gcloud as it was: %j',
    (values) => {
      expect(readList(gcloudList(values))).toEqual(values);
    },
  );
});

describe('shellQuote', () => {
  test.each(['plain', 'a b', `it's`, '{"image":1}', '$HOME `id` \\', 'a\nb', ''])(
    'keeps %j one word',
    (word) => {
      expect(execFileSync('sh', ['-c', `printf '[%s]' ${shellQuote(word)}`], { encoding: 'utf8' })).toBe(
        `[${word}]`,
      );
    },
  );
});
