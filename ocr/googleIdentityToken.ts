import { GoogleAuth, Impersonated } from 'google-auth-library';
import { Failure, messageOf } from '../domain/failure';
import { type Clock, systemClock } from './clock';
import { cachedIdentityToken } from './identityToken';

export interface GoogleIdentityTokenOptions {
  /** Account to mint the token for (`roles/iam.serviceAccountTokenCreator` on it); default the credentials' own. */
  readonly impersonate?: string;
  readonly now?: Clock['now'];
}

/**
 * Identity tokens for a service from the machine's own credentials: metadata server, application default credentials, or an
 * account that they may act as. Kept until 5 minutes before they end; written nowhere.
 * @param url the service's URL or a tagged one.
 */
export function googleIdentityToken(
  url: string,
  { impersonate, now = systemClock.now }: GoogleIdentityTokenOptions = {},
): () => Promise<string> {
  const mint = async (audience: string): Promise<string> => {
    try {
      if (impersonate === undefined) {
        const client = await new GoogleAuth().getIdTokenClient(audience);
        return await client.idTokenProvider.fetchIdToken(audience);
      }
      const sourceClient = await new GoogleAuth({ scopes: SCOPE }).getClient();
      const impersonated = new Impersonated({ sourceClient, targetPrincipal: impersonate });
      return await impersonated.fetchIdToken(audience, { includeEmail: true });
    } catch (error) {
      throw noToken(audience, error);
    }
  };
  return cachedIdentityToken(mint, audienceOf(url), now);
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/**
 * What Cloud Run wants as the audience: the origin of the service's own URL, also when the request goes to a tagged one,
 * `https://TAG---SERVICE-…` (https://cloud.google.com/run/docs/authenticating/service-to-service).
 */
export function audienceOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host.replace(/^.*?---/, '')}`;
}

function noToken(audience: string, cause: unknown): Failure {
  return new Failure(
    {
      code: 'NO_IDENTITY_TOKEN',
      message: `No identity token could be had: ${messageOf(cause)}.`,
      where: audience,
      remedy:
        'run gcloud auth application-default login, run where a metadata server is, or name an account to impersonate',
      exitCode: 2,
    },
    { cause },
  );
}
