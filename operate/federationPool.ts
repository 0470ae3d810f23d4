import { Failure } from '../domain/failure';
import { FEDERATION_POOL } from '../domain/identity/federation';
import type { ReleaseContext } from '../release/ports/context';
import { isStatus } from '../release/adapters/google/googleApi';

type Place = Pick<ReleaseContext, 'call' | 'deployment'>;

/** https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools.providers/list */
interface ProviderList {
  readonly workloadIdentityPoolProviders?: readonly { readonly name: string }[];
  readonly nextPageToken?: string;
}

/** Where the IAM API has the pool. */
export const poolPath = (project: string): string =>
  `/v1/projects/${project}/locations/global/workloadIdentityPools/${FEDERATION_POOL}`;

/**
 * Ids of the providers that stand in our pool and are not ours; none where there is no pool. The deployer is bound to
 * `subject/SUB` of the pool, not of a provider: one with a looser condition lets a job of a pull request in under the very
 * same subject.
 */
export async function otherProviders({ call, deployment }: Place): Promise<string[]> {
  const path = `${poolPath(deployment.project)}/providers`;
  const names: string[] = [];
  try {
    let pageToken: string | undefined;
    do {
      const { data }: { data: ProviderList } = await call('iam', { path, query: { pageToken } });
      names.push(...(data.workloadIdentityPoolProviders ?? []).map(({ name }) => name.split('/').pop()!));
      pageToken = data.nextPageToken || undefined;
    } while (pageToken !== undefined);
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
  return names.filter((id) => id !== FEDERATION_POOL);
}

/** The command that takes a provider out of the pool; Google keeps it for 30 days. */
export const removeProvider = (project: string, id: string): string =>
  `gcloud iam workload-identity-pools providers delete ${id} --workload-identity-pool ${FEDERATION_POOL} --location global --project ${project}`;

/**
 * For a pool that is there and is about to be taken over.
 * @throws Failure `POOL_IS_SHARED`, exit code 3.
 */
export async function refuseSharedPool(context: Place): Promise<void> {
  const { project } = context.deployment;
  const others = await otherProviders(context);
  if (others.length === 0) return;
  throw new Failure({
    code: 'POOL_IS_SHARED',
    message:
      'The federation pool has providers that are not ours: whom one of them lets in could become the deployer.',
    where: `workload identity pool ${FEDERATION_POOL} of ${project}`,
    got: others.join(', '),
    remedy: `give whoever logs in through them a pool of their own, then ${others.map((id) => removeProvider(project, id)).join('; ')}`,
    exitCode: 3,
  });
}
