import { canonicalJson } from '../canonical';
import type { Deployment } from '../deployment';
import { FEDERATION_MAPPING, GITHUB_ISSUER, IMPERSONATE } from '../identity/federation';
import { federatedRepository, federationCondition, identities } from '../identity/identities';
import { ACCOUNT_NAMES, accountEmail, ownAccounts } from '../names';
import { membersOf } from './accessMatters';
import { UNKNOWN } from './plan';
import { block, type Values } from './values';

/** True for a federation provider that lets in whom the deployment's `github` says, and nobody else. */
export function isOurProvider(after: Values, deployment: Deployment): boolean {
  const repository = federatedRepository(deployment);
  const { issuer_uri: issuer, allowed_audiences: audiences, jwks_json: keys } = block(after.oidc);
  return (
    repository !== undefined &&
    after.attribute_condition === federationCondition(repository) &&
    canonicalJson(after.attribute_mapping) === canonicalJson(FEDERATION_MAPPING) &&
    issuer === GITHUB_ISSUER &&
    isEmpty(audiences) &&
    isEmpty(keys)
  );
}

/**
 * True for the grant that lets jobs of the repository become the account that is theirs. A login that is not known yet is taken
 * for theirs where the account is, or is not known either: the pool is made by the same plan, in a first Foundation the account
 * too.
 */
export function isOurLogin(after: Values, deployment: Deployment): boolean {
  const { role, member, service_account_id: account } = after;
  if (role !== IMPERSONATE) return false;
  return identities(deployment).some(({ name, accountId, subject }) => {
    const email = accountEmail(deployment.project, accountId);
    const names = [email, UNKNOWN, `google_service_account.${name}.`]; // the last as a fork's review has it, from code
    return (
      subject !== undefined &&
      (member === UNKNOWN ||
        (String(member).startsWith('principal://') && String(member).endsWith(`/subject/${subject}`))) &&
      names.some((known) => String(account).includes(known))
    );
  });
}

/**
 * True for a grant to the project's own accounts, or to call the service for whom the deployment names under `access.invokers`.
 * A member that is not known yet is taken for an account that the same plan makes.
 */
export function isOurGrant(type: string, after: Values, { project, access }: Deployment): boolean {
  const ours = [
    UNKNOWN,
    ...ownAccounts(project),
    // as a fork's review has them, from code
    ...ACCOUNT_NAMES.map((name) => `\${google_service_account.${name}.member}`),
    ...(type === 'google_cloud_run_v2_service_iam_member' && after.role === 'roles/run.invoker'
      ? access.invokers
      : []),
  ];
  return membersOf(after).every((member) => ours.includes(member));
}

/** Terraform's word for nothing: `[]`, `""` or null. */
const isEmpty = (value: unknown) => ['[]', '""', 'null'].includes(JSON.stringify(value ?? null));
