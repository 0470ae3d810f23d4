import { type AuthClient, GoogleAuth, Impersonated } from 'google-auth-library';
import { Failure, messageOf } from '../domain/failure';
import { audienceOf } from './audience';
import { type Clock, systemClock } from './clock';
import { cachedIdentityToken } from './identityToken';

export interface MintOptions {
  /** Account to mint the token for (`roles/iam.serviceAccountTokenCreator` on it); default the credentials' own. */
  readonly impersonate?: string;
  /** Whose credentials act as that account; default the machine's. */
  readonly credentials?: () => Promise<AuthClient>;
  /** Root of the IAM Credentials API instead of the public one. */
  readonly endpoint?: string;
  /** What mends missing credentials, where the caller knows a better way. */
  readonly remedy?: string;
}

export interface GoogleIdentityTokenOptions extends MintOptions {
  readonly now?: Clock['now'];
}

/**
 * Identity tokens for a service from the machine's own credentials: metadata server, application default credentials, or an
 * account that they may act as. Kept until 5 minutes before they end; written nowhere.
 * @param url the service's URL or a tagged one.
 */
export function googleIdentityToken(
  url: string,
  { now = systemClock.now, ...options }: GoogleIdentityTokenOptions = {},
): () => Promise<string> {
  return cachedIdentityToken((audience) => mintIdentityToken(audience, options), audienceOf(url), now);
}

/**
 * One identity token. Federated credentials and those of a person cannot mint one for themselves: they need an account to
 * impersonate, for which IAM Credentials mints it.
 * @throws Failure NO_IDENTITY_TOKEN.
 */
export async function mintIdentityToken(audience: string, options: MintOptions = {}): Promise<string> {
  const { impersonate, endpoint } = options;
  const { credentials = () => new GoogleAuth({ scopes: SCOPE }).getClient() } = options;
  try {
    if (impersonate === undefined) {
      const client = await new GoogleAuth().getIdTokenClient(audience);
      return await client.idTokenProvider.fetchIdToken(audience);
    }
    const sourceClient = await credentials();
    const impersonated = new Impersonated({ sourceClient, targetPrincipal: impersonate, endpoint });
    const token: string | undefined = await impersonated.fetchIdToken(audience, { includeEmail: true });
    if (!token) throw new Error('IAM Credentials answered without a token');
    return token;
  } catch (error) {
    throw noToken(audience, error, options.remedy);
  }
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

function noToken(audience: string, cause: unknown, remedy?: string): Failure {
  return new Failure(
    {
      code: 'NO_IDENTITY_TOKEN',
      message: `No identity token could be had: ${messageOf(cause)}.`,
      where: audience,
      remedy:
        remedy ??
        'run where a metadata server is or with a service account’s credentials; with a person’s, name an account that they may act as: impersonate; or hand in a token: gcloud auth print-identity-token',
      exitCode: 2,
    },
    { cause },
  );
}
