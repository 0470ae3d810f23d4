import { randomUUID } from 'node:crypto';
import { invalid } from './googleError';
import { jsonBody, type RouteTable } from './routes';

/** IAM Credentials: identity tokens that the data plane knows again. */
export interface Identity {
  /** Audience of a token that was issued here and has not expired. */
  audienceOf(token: string): string | undefined;
  readonly routes: RouteTable;
}

/** Life of an identity token. */
const TOKEN_SECONDS = 3600;

export function identity(now: () => number): Identity {
  const issued = new Map<string, { audience: string; expiresAt: number }>();
  return {
    audienceOf(token) {
      const known = issued.get(token);
      return known && known.expiresAt > now() ? known.audience : undefined;
    },
    routes: {
      'POST /v1/projects/-/serviceAccounts/{email}:generateIdToken': (call, email) => {
        const { audience } = jsonBody(call);
        if (typeof audience !== 'string' || audience === '') throw invalid('audience: must be a URL.');
        const expiresAt = now() + TOKEN_SECONDS * 1000;
        const claims = { aud: audience, email, exp: Math.floor(expiresAt / 1000), jti: randomUUID() };
        const token = [{ alg: 'none', typ: 'JWT' }, claims, 'not signed']
          .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
          .join('.');
        issued.set(token, { audience, expiresAt });
        return { token };
      },
    },
  };
}
