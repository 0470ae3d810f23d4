import { contextExceeded, vllmError } from '../domain/service/answerKind';

/** Characters of a server's own words that are repeated when they are asked for. */
const MAX_QUOTED = 200;
/** `BadRequestError`, `max_tokens`: a name, no sentence. */
const NAME = /^[A-Za-z][A-Za-z0-9_.]{0,39}$/;

/**
 * What an error may repeat of a server's answer. A server's message may quote the request, and the request is somebody's
 * document: so only names (`type`, `param`) and the numbers of a context that is too short, and no word more.
 * @param quote the first 200 characters of the server's message instead: where pages are nobody's secret.
 */
export function serverReason(body: string, quote = false): string {
  const { type, param, message } = vllmError(body);
  if (quote) return oneLine(typeof message === 'string' ? message : body);
  const tooLong = typeof message === 'string' ? contextExceeded(message) : undefined;
  return [
    ...[type, param].filter((name) => typeof name === 'string' && NAME.test(name)),
    ...(tooLong === undefined ? [] : [`context of ${tooLong.context} tokens`]),
    ...(tooLong?.input === undefined ? [] : [`${tooLong.input} of them input`]),
  ].join(', ');
}

const oneLine = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_QUOTED);
