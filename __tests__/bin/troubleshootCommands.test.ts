import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { loadDeployment } from '../../deployments/load';
import { bucketName, imageName, servicePath } from '../../domain/names';
import { vllmArgs } from '../../domain/vllmArgs';
import { troubleFailure, troubleshoot, type Troubles } from '../../operate/troubleshoot';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../../rehearsal/cloud/localCloud';
import { openRelease } from '../../release/open';
import { chatBody, ROOT } from '../rehearsal/vllm/container';
import { type Ran, runProgram } from './program';

const deployment = loadDeployment('rehearsal');
const { project, service, region } = deployment;
const STAND_IN = [process.execPath, `${ROOT}/bin/start.js`, 'rehearsal/vllm/main'];
const REVISION = `${service}-a`;

interface Shape {
  /** More flags of vLLM, behind those of the deployment. */
  readonly args?: readonly string[];
  /** `STAND_IN_FAULT` of the image. */
  readonly fault?: string;
  readonly image?: string;
  readonly failureThreshold?: number;
  readonly scaling?: object;
  /** Of a request, as the API has it. */
  readonly timeout?: string;
  /** The cloud it is deployed to. */
  readonly cloud?: Partial<LocalCloudOptions>;
}

/** The service as Terraform would make it, on a local cloud, with something wrong. */
class Scene {
  private constructor(readonly cloud: LocalCloud) {}

  static async open(options: Partial<LocalCloudOptions> = {}): Promise<Scene> {
    const cloud = await startLocalCloud({
      imageEntrypoint: STAND_IN,
      buckets: [bucketName(deployment, 'ledger')],
      operationSeconds: 0,
      monitoringLagSeconds: 0,
      ...options,
    });
    return new Scene(cloud);
  }

  context() {
    const environment = {
      accessToken: 'x',
      invoker: 'a@b.iam.gserviceaccount.com',
      terraformEnvironment: {},
    };
    return openRelease({ deployment, endpoint: this.cloud.url, environment });
  }

  async deploy({
    args = [],
    fault = '',
    image,
    failureThreshold = 60,
    scaling,
    timeout,
  }: Shape): Promise<void> {
    const { call } = this.context();
    const name = imageName(deployment);
    const digest = this.cloud.registry.push({
      name,
      tags: [],
      entrypoint: STAND_IN,
      env: { STAND_IN_FAULT: fault },
    });
    const template = {
      revision: REVISION,
      nodeSelector: { accelerator: 'nvidia-l4' },
      timeout: timeout ?? `${deployment.requestTimeoutSeconds}s`,
      containers: [
        {
          image: image ?? `${name}@${digest}`,
          args: [...vllmArgs(deployment), ...args],
          ports: [{ containerPort: deployment.port }],
          resources: { limits: { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' } },
          startupProbe: {
            httpGet: { path: '/health' },
            timeoutSeconds: 1,
            periodSeconds: 1,
            failureThreshold,
          },
        },
      ],
    };
    const { data } = await call<{ name: string }>('run', {
      method: 'POST',
      path: `/v2/projects/${project}/locations/${region}/services`,
      query: { serviceId: service },
      body: { template },
    });
    await call('run', { method: 'POST', path: `/v2/${data.name}:wait`, body: { timeout: '30s' } });
    if (!scaling) return;
    await call('run', {
      method: 'PATCH',
      path: `/v2/${servicePath(deployment)}`,
      query: { updateMask: 'scaling' },
      body: { scaling },
    });
  }

  /** Sends a page to the service, as a client does. */
  async page(): Promise<number> {
    const { uri } = (await this.context().cloudRun.service())!;
    const image = await sharp({ create: { width: 1540, height: 1540, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    const response = await fetch(`${uri}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await this.context().identityToken(uri)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(chatBody([image], { max_tokens: 1 })),
    });
    await response.text();
    return response.status;
  }

  /** The command, as a person or a script runs it. */
  troubleshoot(...options: string[]): Promise<Ran> {
    return runProgram(['troubleshoot', 'rehearsal', '--endpoint', this.cloud.url, ...options]);
  }

  /** What the command prints and ends with, without a process of its own: on a machine at work each takes seconds to start. */
  async look(): Promise<{ code: number; troubles: Troubles; found: string[] }> {
    const troubles = await troubleshoot(this.context(), { sinceSeconds: 3600 });
    return { code: troubleFailure(troubles)?.exitCode ?? 0, troubles, found: namesOf(troubles) };
  }

  async json(
    ...options: string[]
  ): Promise<{ code: number | null; troubles: Troubles; found: string[]; err: string }> {
    const { code, out, err } = await this.troubleshoot('--json', ...options);
    const troubles = JSON.parse(out) as Troubles;
    return { code, err, troubles, found: namesOf(troubles) };
  }
}

const namesOf = ({ findings }: Troubles) => findings.map(({ id, certainty }) => `${id} ${certainty}`);
const texts = ({ findings }: Troubles) =>
  findings.flatMap(({ evidence }) => evidence.map(({ text }) => text));

/** Each on a cloud of its own, side by side: what they take is waiting for each other's processes and probes. */
describe('a start that fails', () => {
  const FAILING: [string, Shape, string[], RegExp][] = [
    [
      'a start that outlives the probe',
      { fault: 'slow-start:600000', failureThreshold: 3 },
      ['cold-start named'],
      /^STARTUP HTTP probe failed 3 times consecutively .* on port 8000 path "\/health"\. The instance was not started\./,
    ],
    [
      'flags that do not fit the GPU',
      { args: ['--gpu-memory-utilization', '0.1'] },
      ['gpu-memory named'],
      /^To serve at least one request with the models's max seq len \(8192\), \(0\.88 GiB KV cache is needed/,
    ],
    [
      'a share that the GPU does not have',
      { args: ['--gpu-memory-utilization', '1'] },
      ['gpu-memory named'],
      /^Free memory on device cuda:0 \(21\.73\/22\.03 GiB\)/,
    ],
    [
      'a container that takes more memory than it was given',
      { fault: 'memory:700', cloud: { memoryScale: 600 / 16_384 } },
      ['container-memory named'],
      /^Memory limit of 16384 MiB exceeded with \d+ MiB used$/,
    ],
    [
      'an image that is gone',
      { image: `${imageName(deployment)}@sha256:${'0'.repeat(64)}` },
      ['image-not-readable named'],
      /^Image '.*@sha256:0{64}' not found\.$/,
    ],
    [
      'an image that Cloud Run may not read',
      { cloud: { mayPull: false } },
      ['image-not-readable named'],
      /^Google Cloud Run Service Agent service-\d+@serverless-robot-prod\.iam\.gserviceaccount\.com must have permission to read the image, /,
    ],
    [
      'a model that is not in the image',
      { fault: 'model-missing' },
      ['model-missing named'],
      /LocalEntryNotFoundError: Cannot find an appropriate cached snapshot folder/,
    ],
    [
      'no GPU left',
      { cloud: { gpuQuota: 0 } },
      ['quota named'],
      /^Quota exceeded for total allowable count of GPUs per project per region\.$/,
    ],
    [
      'a flag that vLLM does not know',
      { args: ['--num-scheduler-steps', '8'] },
      ['flag-unknown named'],
      /^error: unrecognized arguments: --num-scheduler-steps$/,
    ],
    [
      'a port that Cloud Run does not know',
      { args: ['--port', '9000'], failureThreshold: 20 },
      ['not-responding named'],
      /^Starting vLLM server on http:\/\/0\.0\.0\.0:9000$/,
    ],
    [
      'a container that ends for a reason nobody knows',
      { fault: 'crash-at-start' },
      ['not-responding inferred'],
      /^Container called exit\(1\)\.$/,
    ],
  ];
  const scenes = new Map<Shape, Scene>();
  beforeAll(async () => {
    const stage = async ([, shape]: (typeof FAILING)[number]) => {
      const scene = await Scene.open(shape.cloud);
      scenes.set(shape, scene);
      await scene.deploy(shape);
    };
    const isTimed = ([, { failureThreshold }]: (typeof FAILING)[number]) => failureThreshold !== undefined;
    await Promise.all(FAILING.filter((each) => !isTimed(each)).map(stage));
    await Promise.all(FAILING.filter(isTimed).map(stage)); // these race a probe: with little beside them
  });
  afterAll(() => Promise.all([...scenes.values()].map(({ cloud }) => cloud.stop())));

  test.each(FAILING)(
    'names %s, shows the line, and ends with exit code 3',
    async (_what, shape, found, shown) => {
      const seen = await scenes.get(shape)!.look();
      expect(seen).toMatchObject({ code: 3, found, troubles: { unread: [] } });
      const { troubles } = seen;
      expect(texts(troubles)).toContainEqual(expect.stringMatching(shown));
      expect(troubles.findings[0]!.remedies.length).toBeGreaterThan(0);
      const times = troubles.findings[0]!.evidence.flatMap(({ at }) => (at ? [Date.parse(at)] : []));
      expect(times).not.toEqual([]);
      expect(times).not.toContain(NaN);
    },
  );
});

describe('lightonocr troubleshoot', () => {
  let scene: Scene;
  const stage = async (shape: Shape) => {
    scene = await Scene.open(shape.cloud);
    await scene.deploy(shape);
  };
  afterEach(() => scene.cloud.stop());

  describe('of a service that is ready', () => {
    test('nothing wrong: says so, and what was looked at; exit code 0', async () => {
      await stage({});
      expect(await scene.page()).toBe(200);
      await sleep(1000 - (Date.now() % 1000) + 10); // a sample is there once its second is over
      const { code, out, err } = await scene.troubleshoot();
      expect(out).toMatch(
        /^Nothing of the known cases was seen between 20[\d-]+ [\d:]+Z and 20[\d-]+ [\d:]+Z\.\n\nThis is what was looked at:\n/,
      );
      expect(out).toContain(`${REVISION} (100 %, ready: yes)`);
      expect(out).toContain(`${REVISION}: 1 request, 0 with 5xx, 0 with 429`);
      expect({ code, err }).toEqual({ code: 0, err: '' });
    });

    test('errors under way are counted and shown', async () => {
      await stage({ fault: 'errors-after:0' });
      expect([await scene.page(), await scene.page()]).toEqual([500, 500]);
      await sleep(1100); // a sample is the second in which the request ended
      const { code, out, err } = await scene.troubleshoot();
      expect(code).toBe(3);
      expect(out).toContain('1. not-responding, the guide’s “Service Not Responding”');
      expect(out).toContain('2 of 2 requests ended with 5xx');
      expect(out).toContain('bin/lightonocr rollback rehearsal --reason "does not respond"');
      expect(err).toMatch(/^TROUBLE_FOUND: 1 of the known cases: not-responding\./m);
    });

    test('a context that holds no page: from the refusal, and with what to write', async () => {
      await stage({ args: ['--max-model-len', '2048'] });
      expect(await scene.page()).toBe(400);
      const { troubles, found } = await scene.json('--revision', 'a');
      expect(found).toEqual(['pages-cut inferred']);
      expect(texts(troubles)).toContainEqual(
        expect.stringMatching(/^POST .*\/v1\/chat\/completions 400 in /),
      );
      expect(troubles.findings[0]!.remedies[0]!.change).toEqual({ vllm: { maxModelLen: 7168 } });
    });

    test('requests that end before their instance has started', async () => {
      await stage({ timeout: '1s', fault: 'slow-start:2000', cloud: { idleSeconds: 0 } });
      while (scene.cloud.run.instances().length > 0) await sleep(50); // idle: the next request starts one
      expect(await scene.page()).toBe(504);
      const { troubles, found } = await scene.look();
      expect(found).toEqual(['cold-start inferred']);
      expect(troubles.findings[0]!.what).toBe(
        'Requests ended after 1 s while their instance was still starting.',
      );
      expect(texts(troubles)).toContainEqual(
        expect.stringMatching(/^POST .*\/v1\/chat\/completions 504 in 1/),
      );
    });

    test('stopped: told first, whatever else; a revision that is not there is exit code 2', async () => {
      await stage({ scaling: { scalingMode: 'MANUAL', manualInstanceCount: 0 } });
      expect(await scene.page()).toBeGreaterThanOrEqual(400);
      expect((await scene.look()).found).toEqual(['stopped named']);
      const { code, err } = await scene.troubleshoot('--revision', 'nobody');
      expect(code).toBe(2);
      expect(err).toMatch(/^UNKNOWN_REVISION/);
    });
  });

  test('says what cannot be read, and that it is no pass', async () => {
    await stage({ cloud: { logReadsPerMinute: 0 } });
    const { code, err, troubles } = await scene.json();
    expect(code).toBe(3);
    expect(JSON.parse(err)).toMatchObject({ code: 'NOT_ALL_READ', exitCode: 3 });
    expect(troubles.findings).toEqual([]);
    expect(troubles.lookedAt.join('\n')).not.toContain('Cloud Logging');
    expect(troubles.unread.map(({ what }) => what).sort()).toEqual([
      'Cloud Run’s own log',
      'the request log',
      'what the containers say',
      'what the containers say is wrong',
    ]);
  });

  test('without a service says so, whichever revision is asked for', async () => {
    scene = await Scene.open();
    expect((await scene.look()).found).toEqual(['no-service named']);
    expect(await scene.json('--revision', 'nobody')).toMatchObject({ code: 3, found: ['no-service named'] });
  });

  test('the settings it proposes are YAML to paste', async () => {
    await stage({ args: ['--gpu-memory-utilization', '1'] });
    const { out } = await scene.troubleshoot();
    expect(out).toContain(
      'in deployments/rehearsal.yaml:\n          vllm:\n            gpuMemoryUtilization: 0.9\n',
    );
  });
});
