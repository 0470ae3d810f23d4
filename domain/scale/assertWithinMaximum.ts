import type { Deployment } from '../deployment';
import { Failure } from '../failure';
import { counted } from '../words';

/**
 * More instances than the deployment may have are none that Cloud Run starts, and none that manual scaling should: it passes
 * over the maximum of the revisions.
 * @throws Failure ABOVE_MAXIMUM, exit code 2.
 */
export function assertWithinMaximum(
  { name, scaling: { maxInstances } }: Pick<Deployment, 'name' | 'scaling'>,
  instances: number,
): void {
  if (instances <= maxInstances) return;
  throw new Failure({
    code: 'ABOVE_MAXIMUM',
    message: `The deployment may have ${counted(maxInstances, 'instance')}.`,
    where: `deployments/${name}.yaml scaling.maxInstances`,
    got: String(instances),
    remedy: `at most ${maxInstances}; or raise scaling.maxInstances, see that it passes (npm run synth, bin/lightonocr quota ${name}), and deploy that`,
    exitCode: 2,
  });
}
