import { canonicalJson } from '../canonical';
import type { Deployment } from '../deployment';
import { FEDERATION_MAPPING, GITHUB_ISSUER, IMPERSONATE } from '../identity/federation';
import { federatedRepository, federationCondition, identities } from '../identity/identities';
import { accountEmail } from '../names';
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
 * True for the grant that lets jobs of the repository become the account that is theirs. One to an account that is made by the
 * same plan is taken for it where the login is not known yet: a first Foundation knows none before its apply.
 */
export function isOurLogin(after: Values, deployment: Deployment): boolean {
  const { role, member, service_account_id: account } = after;
  if (role !== IMPERSONATE) return false;
  if (member === UNKNOWN) return account === UNKNOWN;
  return identities(deployment).some(({ name, accountId, subject }) => {
    const email = accountEmail(deployment.project, accountId);
    const names = [email, UNKNOWN, `google_service_account.${name}.`]; // the last as a fork's review has it, from code
    return (
      subject !== undefined &&
      String(member).startsWith('principal://') &&
      String(member).endsWith(`/subject/${subject}`) &&
      names.some((known) => String(account).includes(known))
    );
  });
}

/** Terraform's word for nothing: `[]`, `""` or null. */
const isEmpty = (value: unknown) => ['[]', '""', 'null'].includes(JSON.stringify(value ?? null));
