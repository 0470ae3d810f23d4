import { canonicalJson } from '../../domain/canonical';
import { FEDERATION_MAPPING, FEDERATION_POOL, GITHUB_ISSUER } from '../../domain/identity/federation';
import { federatedRepository, federationCondition } from '../../domain/identity/identities';
import { otherProviders, poolPath, removeProvider } from '../federationPool';
import { type Check, lookAt, ok, type Patient, seen, type Seen } from './check';
import { found } from './look';

interface Part {
  readonly state?: string;
  readonly disabled?: boolean;
}
/** https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools.providers */
interface Provider extends Part {
  readonly attributeCondition?: string;
  readonly attributeMapping?: Readonly<Record<string, string>>;
  readonly oidc?: { readonly issuerUri?: string; readonly allowedAudiences?: readonly string[] };
}

/** Pool and provider through which GitHub's jobs come in, that they let in ours alone, and that the pool has no other. Nothing to look at without `github`. */
export const federation: Check = {
  id: 'federation',
  about: "the way in for GitHub's jobs, and whom it lets in",
  run: async (patient) =>
    federatedRepository(patient.context.deployment) === undefined
      ? []
      : (
          await Promise.all([
            lookAt(patient, 'federation', () => lookAtBoth(patient)),
            lookAt(patient, 'federation, other providers', () => lookAtOthers(patient)),
          ])
        ).flat(),
};

/** Another provider of the pool may let in a subject that an account of ours is bound to; a deleted one is not listed. */
async function lookAtOthers({ context }: Patient): Promise<readonly Seen[]> {
  return (await otherProviders(context)).map((id) =>
    seen(
      'wrong',
      `federation, provider ${id}`,
      'is not ours and stands in our pool: whom it lets in could become the deployer',
      removeProvider(context.deployment.project, id),
    ),
  );
}

async function lookAtBoth({ context, look }: Patient): Promise<Seen> {
  const subject = 'federation';
  const { deployment } = context;
  const pool = poolPath(deployment.project);
  const [there, provider] = await Promise.all([
    found<Part>(context, 'iam', pool),
    found<Provider>(context, 'iam', `${pool}/providers/${FEDERATION_POOL}`),
  ]);
  const mend = await look.mend('foundation');
  if (there === undefined || provider === undefined)
    return seen(
      await look.missing(),
      subject,
      `${there ? 'its provider' : 'the pool'} ${FEDERATION_POOL} does not exist`,
      mend,
    );
  const gone = [there, provider].find(({ state }) => state === 'DELETED');
  if (gone) {
    const undelete = 'gcloud iam workload-identity-pools';
    const where = `--location global --project ${deployment.project}`;
    return seen(
      'wrong',
      subject,
      'is deleted; Google keeps it for 30 days',
      gone === there
        ? `${undelete} undelete ${FEDERATION_POOL} ${where}`
        : `${undelete} providers undelete ${FEDERATION_POOL} --workload-identity-pool ${FEDERATION_POOL} ${where}`,
    );
  }
  const condition = federationCondition(federatedRepository(deployment)!);
  const wrong = [
    ...(there.disabled || provider.disabled ? ['is disabled: no job comes in'] : []),
    ...(provider.attributeCondition === condition
      ? []
      : [`lets in ${provider.attributeCondition ?? 'every repository on GitHub'} instead of ${condition}`]),
    ...(canonicalJson(provider.attributeMapping ?? {}) === canonicalJson(FEDERATION_MAPPING)
      ? []
      : [`maps ${JSON.stringify(provider.attributeMapping ?? {})}`]),
    ...(provider.oidc?.issuerUri === GITHUB_ISSUER
      ? []
      : [`believes ${provider.oidc?.issuerUri ?? 'no issuer'} instead of ${GITHUB_ISSUER}`]),
  ];
  if (wrong.length > 0) return seen('wrong', subject, wrong.join('; '), mend);
  return ok(subject, `lets in ${deployment.github.repository} alone`);
}
