import { servicePath } from '../domain/names';
import { type RegionChoice, regionChoices } from '../domain/quota/regionChoice';
import { Failure } from '../domain/failure';
import { isServiceThere, readQuotaAnswers } from '../release/adapters/google/quota';
import type { ReleaseContext } from '../release/ports/context';
import { readPreferences } from './quotaRequest';

type Part = Pick<ReleaseContext, 'call' | 'deployment' | 'progress'>;

/** Every region that has the deployment's GPU, side by side, from one answer for each quota. */
export async function compareRegions(context: Part): Promise<RegionChoice[]> {
  const [answers, isServed] = await Promise.all([readQuotaAnswers(context), isServiceThere(context)]);
  const isKnown = answers.some((answer) => 'info' in answer);
  return regionChoices(context.deployment, answers, isKnown ? await readPreferences(context) : [], isServed);
}

/**
 * That the deployment may be written into this region.
 * @throws Failure, exit code 2: `BAD_INPUT` for a region without the GPU; exit code 3: `REGION_IN_USE` while the service is
 *   where the deployment says.
 */
export async function assertRegionFree(
  context: Part,
  choices: readonly RegionChoice[],
  region: string,
): Promise<void> {
  const { deployment } = context;
  if (!choices.some((choice) => choice.region === region)) {
    throw new Failure({
      code: 'BAD_INPUT',
      message: `Cloud Run has no ${deployment.size.gpu} there.`,
      where: '--choose',
      got: region,
      remedy: `choose one of ${choices.map((choice) => choice.region).join(', ')}`,
      exitCode: 2,
    });
  }
  if (region === deployment.region || !(await isServiceThere(context))) return;
  throw new Failure({
    code: 'REGION_IN_USE',
    message: 'The service is there already; images, ledger and state are of its region. Nothing was written.',
    where: servicePath(deployment),
    got: `region: ${region}`,
    remedy: 'a second region is a deployment, and a project, of its own: bin/lightonocr init NAME',
    exitCode: 3,
  });
}
