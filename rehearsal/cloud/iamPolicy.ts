import { GoogleError } from './googleError';
import type { Json } from './routes';

const etagOf = (version: number) => Buffer.from(String(version)).toString('base64');

/** The policy that a resource has before anybody sets one. */
export const NO_POLICY: Json = { version: 1, etag: etagOf(0) };

/** The next policy. Throws 409 ABORTED when the etag is of an older one: two that read and write would lose a grant. */
export function nextPolicy(current: Json, wanted: Json): Json {
  if (wanted.etag !== undefined && wanted.etag !== current.etag) {
    throw new GoogleError(
      'ABORTED',
      'There were concurrent policy changes. Please retry the whole read-modify-write.',
    );
  }
  const version = Number(Buffer.from(String(current.etag), 'base64').toString()) + 1;
  return { version: 1, ...wanted, etag: etagOf(version) };
}
