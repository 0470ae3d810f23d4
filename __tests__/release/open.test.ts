import { loadDeployment } from '../../deployments/load';
import { bootstrapSteps } from '../../domain/bootstrap';
import type { Deployment } from '../../domain/deployment';
import { openRelease } from '../../release/open';

describe('openRelease', () => {
  const shipped = loadDeployment('production');
  const open = (change: Partial<Deployment>, endpoint?: string) =>
    openRelease({
      deployment: { ...shipped, ...change },
      ...(endpoint && { endpoint }),
      environment: { accessToken: 'x', terraformEnvironment: {} },
    });

  it('rejects to ask Google anything of a deployment that names no project of yours', async () => {
    await expect(open({}).cloudRun.service()).rejects.toMatchObject({
      code: 'PROJECT_PLACEHOLDER',
      exitCode: 2,
      got: 'my-project',
    });
  });

  it('takes any project to an endpoint of your own', async () => {
    for (const project of ['my-project', 'my-own-project'])
      await expect(open({ project }, 'http://127.0.0.1:1').cloudRun.service()).rejects.toMatchObject({
        code: 'API_NOT_REACHABLE',
      });
  });

  it('opens for what only prints', () => {
    expect(bootstrapSteps(open({}).deployment, '.').length).toBeGreaterThan(0);
  });
});
