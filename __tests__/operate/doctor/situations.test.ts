import { join } from 'node:path';
import { PROJECT_APIS } from '../../../domain/foundation/apis';
import type { Finding } from '../../../domain/finding';
import { findingsFailure } from '../../../domain/finding';
import { imageName, servicePath } from '../../../domain/names';
import { verificationFailure } from '../../../domain/service/verification';
import { doctor } from '../../../operate/doctor';
import { verify } from '../../../operate/verify';
import { openStage, type Stage } from '../../../rehearsal/stage';
import { control } from './platform';

const openOptions = {
  progress: () => undefined,
  cloud: {
    buckets: [],
    imageEntrypoint: [process.execPath, join(__dirname, '../../release/engine/fixtures/container.cjs')],
  },
};
const project = (stage: Stage) => {
  const context = stage.context('person');
  return { context, send: control(context), path: `/v1/projects/${context.deployment.project}` };
};
const open = (findings: readonly Finding[]) => findings.filter(({ state }) => state !== 'ok');

describe('before a first deploy', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await openStage(openOptions)));
  afterAll(() => stage.stop());

  it.each<[what: string, off: readonly string[]]>([
    ['with its APIs on', []],
    ['with its APIs off, as a new project has them', PROJECT_APIS.filter((api) => api !== 'serviceusage')],
  ])('%s nothing is wrong, and the remedy is the next bootstrap step', async (_what, off) => {
    const { context, send, path } = project(stage);
    for (const api of off)
      await send('serviceusage', 'POST', `${path}/services/${api}.googleapis.com:disable`, {});
    const findings = await doctor(context, { sha: 'f'.repeat(40) });
    const states = new Set(open(findings).map(({ state }) => state));
    // Cloud Quotas is asked the same before and after: its answer is the quota's own.
    const apart = (finding: Finding) => finding.check === 'quota';
    expect(open(findings).filter((finding) => !apart(finding) && finding.state !== 'not yet')).toEqual([]);
    expect(states).toContain('not yet');
    for (const { mend } of open(findings).filter((finding) => !apart(finding)))
      expect(mend).toBe('bin/lightonocr bootstrap rehearsal --run next');
    expect(findingsFailure('rehearsal', findings)).toMatchObject({ exitCode: 3 });
    for (const api of off)
      await send('serviceusage', 'POST', `${path}/services/${api}.googleapis.com:enable`, {});
  });

  it('verify says that there is no service, and the same step', async () => {
    const { context } = project(stage);
    const seen = await verify(context);
    expect(seen).toMatchObject({ situation: 'empty', ready: false, differences: [] });
    expect(verificationFailure(context.deployment, seen)).toMatchObject({
      code: 'NO_SERVICE',
      exitCode: 3,
      remedy: 'bin/lightonocr bootstrap rehearsal --run next',
    });
  });
});

describe('a project that followed the guide by hand', () => {
  const ADOPT = 'bin/lightonocr adopt rehearsal && bin/lightonocr bootstrap rehearsal --run next';
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(openOptions);
    const { context, send, path } = project(stage);
    const { deployment } = context;
    const parent = servicePath(deployment).replace(/\/services\/.*/, '');
    for (const api of ['run', 'artifactregistry', 'cloudbuild'])
      await send('serviceusage', 'POST', `${path}/services/${api}.googleapis.com:enable`, {});
    await send('artifactregistry', 'POST', `/v1/${parent}/repositories?repository_id=loan-repo`, {
      format: 'DOCKER',
    });
    await send('iam', 'POST', `${path}/serviceAccounts`, { accountId: 'lightonocr-gpu', serviceAccount: {} });
    const member = `serviceAccount:lightonocr-gpu@${deployment.project}.iam.gserviceaccount.com`;
    await send('cloudresourcemanager', 'POST', `${path}:setIamPolicy`, {
      policy: { bindings: [{ role: 'roles/run.invoker', members: [member] }] },
    });
    const { cloud } = openOptions;
    stage.cloud.registry.push({
      name: imageName(deployment),
      tags: ['v1'],
      entrypoint: cloud.imageEntrypoint,
      env: {},
    });
    const { name } = await send('run', 'POST', `/v2/${parent}/services?serviceId=${deployment.service}`, {
      template: {
        serviceAccount: member.slice('serviceAccount:'.length),
        timeout: '300s',
        maxInstanceRequestConcurrency: 80,
        scaling: { maxInstanceCount: 3 },
        containers: [
          {
            image: `${imageName(deployment)}:v1`,
            args: [
              '--model=lightonai/LightOnOCR-2-1B',
              '--gpu_memory_utilization',
              '0.8',
              '--max-model-len',
              '4096',
            ],
            env: [{ name: 'HF_HUB_ENABLE_HF_TRANSFER', value: '1' }],
            ports: [{ containerPort: 8000 }],
            resources: { limits: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '1' } },
            startupProbe: {
              tcpSocket: { port: 8000 },
              timeoutSeconds: 20,
              periodSeconds: 20,
              failureThreshold: 1,
            },
          },
        ],
        nodeSelector: { accelerator: 'nvidia-l4' },
      },
    });
    await send('run', 'POST', `/v2/${name}:wait`, { timeout: '30s' });
  });
  afterAll(() => stage.stop());

  it('doctor says so, tells what differs, and that it is taken over by adopt and bootstrap', async () => {
    const findings = await doctor(project(stage).context);
    const said = Object.fromEntries(
      findings.map(({ subject, state, saw, mend }) => [subject, { state, saw, mend }]),
    );
    expect(said.ledger).toMatchObject({
      state: 'wrong',
      saw: expect.stringContaining('made by hand'),
      mend: ADOPT,
    });
    expect(said['image that serves']).toMatchObject({
      state: 'wrong',
      saw: expect.stringContaining('by a tag'),
    });
    expect(said['account lightonocr-gpu, on the project']).toMatchObject({
      state: 'wrong',
      saw: 'has more than it needs: roles/run.invoker',
    });
    expect(said['bucket state']).toMatchObject({ state: 'not yet', mend: ADOPT });
    expect(said.settings).toMatchObject({ state: 'wrong', mend: 'bin/lightonocr verify rehearsal' });
    expect(said['service lightonocr-gpu']).toMatchObject({ state: 'ok' });
    expect(said['repository loan-repo']).toMatchObject({ state: 'ok' });
    expect(said.APIs).toMatchObject({
      state: 'not yet',
      mend: expect.stringMatching(/^gcloud services enable /),
    });
  });

  it('verify names every setting that differs and no other, and how to adopt', async () => {
    const { context } = project(stage);
    const seen = await verify(context);
    expect(seen).toMatchObject({ situation: 'by hand', ready: true, asIntended: false, isReleased: false });
    expect(seen.differences.map(({ key, live }) => [key, live])).toEqual([
      ['(image by digest)', 'false'],
      ['vllm.maxNumSeqs', 'not set'],
      ['vllm.maxModelLen', '4096'],
      ['vllm.imagesPerPrompt', 'not set'],
      ['vllm.prefixCaching', 'not set'],
      ['vllm.allowedMediaDomains', 'not set'],
      ['vllm.shutdownTimeoutSeconds', 'not set'],
      ['profile', 'not set'], // --mm-processor-cache-gb
      ...[
        'HF_HOME',
        'HF_HUB_OFFLINE',
        'VLLM_NO_USAGE_STATS',
        'DO_NOT_TRACK',
        'VLLM_MEDIA_URL_ALLOW_REDIRECTS',
      ].map((name) => ['profile', `no ${name}`]),
      ['(environment)', 'HF_HUB_ENABLE_HF_TRANSFER=(sensitive)'],
      ['size.cpu', '8'],
      ['size.memoryGib', '32'],
      ['size.zonalRedundancy', 'true'],
      ['scaling.maxInstances', '3'],
      ['scaling.concurrency', '80'],
      ['requestTimeoutSeconds', '300'],
      ['probe.type', 'tcp'],
      ['probe.path', 'not set'],
      ['probe.periodSeconds', '20'],
      ['probe.timeoutSeconds', '20'],
      ['probe.failureThreshold', '1'],
    ]);
    expect(verificationFailure(context.deployment, seen)).toMatchObject({
      code: 'NOT_AS_DEPLOYED',
      got: expect.stringContaining('made by hand'),
      remedy: ADOPT.replace(' && ', '; '),
    });
  });
});
