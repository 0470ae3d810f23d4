import { Failure, messageOf } from '../../domain/failure';
import { documentFailure } from '../documentFailure';
import { DEFAULT_LIMITS } from '../limits';
import { type Input, inputsOfZip } from './input';

/** An address without what may be a secret: query, fragment, user and password. */
export function shownAddress(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}

/**
 * The document behind an `http://` or `https://` address. Redirects are followed; nothing is sent along. A ZIP (by the
 * address's path) is fetched at once, and stands for the files in it.
 */
export async function webInputs(
  address: string,
  name: string,
  fetch: typeof globalThis.fetch,
): Promise<Input[]> {
  const content = () => download(address, name, fetch);
  if (!/\.zip$/i.test(new URL(address).pathname))
    return [{ name, source: () => ({ name, content: content() }) }];
  const chunks: Uint8Array[] = [];
  for await (const chunk of content()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return inputsOfZip(bytes, name) ?? [{ name, source: () => ({ name, content: bytes }) }];
}

/** fetch takes no user and password in an address, and repeats both in its error. It sends this header to no other origin. */
function withoutUser(address: string, signal: AbortSignal): Parameters<typeof globalThis.fetch> {
  const url = new URL(address);
  const { username, password } = url;
  if (username === '' && password === '') return [address, { signal }];
  url.username = url.password = '';
  const both = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return [url.href, { signal, headers: { authorization: `Basic ${both.toString('base64')}` } }];
}

async function* download(
  address: string,
  where: string,
  fetch: typeof globalThis.fetch,
): AsyncGenerator<Uint8Array> {
  const most = DEFAULT_LIMITS.maxFileBytes;
  const tooLarge = (got: string) =>
    documentFailure('DOCUMENT_TOO_LARGE', 'The document is too large.', where, got);
  const giveUp = new AbortController();
  try {
    const response = await fetch(...withoutUser(address, giveUp.signal));
    if (!response.ok)
      throw documentFailure('DOCUMENT_NOT_FETCHED', 'The server refused.', where, `HTTP ${response.status}`);
    const said = Number(response.headers.get('content-length'));
    if (said > most) throw tooLarge(`${said} bytes, at most ${most}`);
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += (chunk as Uint8Array).length;
      if (length > most) throw tooLarge(`more than ${most} bytes`);
      yield chunk as Uint8Array;
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { cause } = error as { cause?: unknown };
    throw documentFailure(
      'DOCUMENT_NOT_FETCHED',
      'The server did not answer.',
      where,
      messageOf(cause ?? error),
      error,
    );
  } finally {
    giveUp.abort();
  }
}
