import { join } from 'node:path';
import { imageName, servicePath } from '../../domain/names';
import { adopt } from '../../operate/adopt';
import { runStep } from '../../operate/bootstrap';
import { describeWithTerraform } from '../fixtures/realTerraform';
import { openProject, type Project } from './project';

const SERVICE = 'lightonocr-gpu';

describeWithTerraform('adopt, with the real Terraform on a project that followed the guide', () => {
  let project: Project;
  let sha: string;
  const call = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) =>
    project
      .person()
      .call<Record<string, unknown>>('run', { method, path, ...(body !== undefined && { body }) });
  const sources = () => `${project.deployment.project}-lightonocr-sources`;
  const service = () => project.stage.cloud.run.service(SERVICE)!;
  const revisions = () =>
    project.stage.cloud.run.revisions(SERVICE).map(({ name }) => String(name).split('/').pop());

  /** What the guide's gcloud commands ask for: repository, account, service; all traffic to the latest revision. */
  beforeAll(async () => {
    project = await openProject();
    const { deployment, stage } = project;
    sha = await stage.repository.merge('first', { image: 'LABEL image=first' });
    const parent = servicePath(deployment).replace(/\/services\/.*/, '');
    await call('POST', `/v1/${parent}/repositories?repository_id=loan-repo`, {
      format: 'DOCKER',
      description: 'by hand',
    });
    const account = { accountId: SERVICE, serviceAccount: { displayName: 'by hand' } };
    await call('POST', `/v1/projects/${deployment.project}/serviceAccounts`, account);
    const entrypoint = [process.execPath, join(__dirname, '../release/engine/fixtures/container.cjs')];
    const digest = stage.cloud.registry.push({
      name: imageName(deployment),
      tags: ['v1'],
      entrypoint,
      env: {},
    });
    const { data } = await call('POST', `/v2/${parent}/services?serviceId=${SERVICE}`, {
      template: {
        serviceAccount: `${SERVICE}@${deployment.project}.iam.gserviceaccount.com`,
        scaling: { maxInstanceCount: 1 },
        containers: [
          {
            image: `${imageName(deployment)}@${digest}`,
            args: ['--port', '8000', '--model', 'lightonai/LightOnOCR-2-1B'],
            ports: [{ containerPort: 8000 }],
            resources: { limits: { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' } },
          },
        ],
        nodeSelector: { accelerator: 'nvidia-l4' },
        gpuZonalRedundancyDisabled: true,
      },
    });
    await call('POST', `/v2/${String(data.name)}:wait`, { timeout: '30s' });
    await call('POST', '/storage/v1/b', { name: sources(), location: 'EU' });
  });
  afterAll(() => project.stop());

  it('finds what is there, stack by stack, and nothing else', async () => {
    const found = (await adopt(project.person())).map(({ kind, found: all }) => [
      kind,
      all.map(({ address }) => address),
    ]);
    expect(found).toEqual([
      [
        'foundation',
        [
          'google_artifact_registry_repository.images',
          'google_service_account.runtime',
          'google_storage_bucket.sources',
        ],
      ],
      ['service', ['google_cloud_run_v2_service.ocr']],
      ['access', []],
      ['observability', []],
    ]);
  });

  it('rejects to take over what it would have to replace, and changes nothing', async () => {
    const before = project.stage.cloud.resources();
    await runStep(project.person(), 'apis', { sha });
    await expect(runStep(project.person(), 'foundation', { sha })).rejects.toMatchObject({
      code: 'PLAN_WOULD_DESTROY',
      exitCode: 3,
      got: expect.stringMatching(/sources.* \(replaced for location\)/),
    });
    expect(project.stage.cloud.resources()).toEqual(before);
  });

  it('takes all of it over without making anything anew: the same service, whose old revision serves until the release', async () => {
    await call('DELETE', `/storage/v1/b/${sources()}`);
    await adopt(project.person());
    const { uid } = service();
    const [old] = revisions();
    for (const step of ['foundation', 'state', 'image', 'service', 'access']) {
      await runStep(project.person(), step, { sha });
      // It follows the latest revision, as gcloud leaves it, until one is about to be added.
      const pinned = step === 'service' || step === 'access';
      expect(await project.stage.traffic()).toBe(pinned ? `${old} 100 %` : 'LATEST 100 %');
    }
    expect(revisions()).toHaveLength(2);
    await runStep(project.person(), 'release', { sha });
    expect(await project.stage.traffic()).toBe(`${revisions()[1]} 100 %`);
    expect(service().uid).toBe(uid);
    // The guide's description gave way to the stack's: the repository was changed in place.
    const repository = `/v1/${servicePath(project.deployment).replace(/services\/.*/, 'repositories/loan-repo')}`;
    expect((await call('GET', repository)).data).toMatchObject({
      format: 'DOCKER',
      description: expect.not.stringContaining('by hand'),
    });
  });
});
