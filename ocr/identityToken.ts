import type { Clock } from './clock';

/** A token is replaced this long before it ends, so that a request that is sent now does not outlive it. */
const REFRESH_BEFORE_MILLISECONDS = 5 * 60_000;
/** Life of a token whose `exp` cannot be read: Google's tokens live an hour, less a margin. */
const ASSUMED_LIFE_MILLISECONDS = 50 * 60_000;

/**
 * A supplier of identity tokens that mints one when it must: the first time, and 5 minutes before the last one ends.
 * Callers that come at the same time share one mint; a failed mint is not kept.
 * @param audience the service's base URL, also for its tagged URLs.
 */
export function cachedIdentityToken(
  mint: (audience: string) => Promise<string>,
  audience: string,
  now: Clock['now'],
): () => Promise<string> {
  let current: { token: Promise<string>; refreshAt: number } | undefined;
  return () => {
    if (current !== undefined && now().getTime() < current.refreshAt) return current.token;
    const token = mint(audience);
    const minting = { token, refreshAt: Infinity };
    current = minting;
    token.then(
      (jwt) => (minting.refreshAt = refreshAt(jwt, now().getTime())),
      () => (minting.refreshAt = 0),
    );
    return token;
  };
}

/** Milliseconds of the epoch. */
function refreshAt(jwt: string, nowMilliseconds: number): number {
  try {
    const payload = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      exp?: unknown;
    };
    if (typeof payload.exp === 'number') return payload.exp * 1000 - REFRESH_BEFORE_MILLISECONDS;
  } catch {
    // Not a JWT that we can read; the service will judge it.
  }
  return nowMilliseconds + ASSUMED_LIFE_MILLISECONDS;
}
