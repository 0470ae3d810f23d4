/**
 * Id of the pool and of its provider; one that was deleted is not free for 30 days. Not `github`, which many a project has
 * for something else: accounts are bound to subjects of the pool, whichever of its providers let them in.
 */
export const FEDERATION_POOL = 'lightonocr';
/** https://docs.github.com/en/actions/reference/security/oidc */
export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';
/** Only the subject: what nothing is bound to cannot be bound to by mistake. */
export const FEDERATION_MAPPING: Readonly<Record<string, string>> = { 'google.subject': 'assertion.sub' };
/** To impersonate an account from outside; it is granted on that one account. */
export const IMPERSONATE = 'roles/iam.workloadIdentityUser';
