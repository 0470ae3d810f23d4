/** Characters of a server's own words that are repeated when they are asked for. */
const MAX_QUOTED = 200;
/** `BadRequestError`, `max_tokens`: a name, no sentence. */
const NAME = /^[A-Za-z][A-Za-z0-9_.]{0,39}$/;
/** vLLM's sentences on a page that is too long; their numbers are what to act on. */
const CONTEXT = /maximum (?:context|model) length (?:is|of) (\d+)/;
const INPUT = /(\d+) input tokens|\((\d+) in the messages|prompt \(length (\d+)\)/;

/**
 * What an error may repeat of a server's answer. A server's message may quote the request, and the request is somebody's
 * document: so only names (`type`, `param`) and the numbers of a context that is too short, and no word more.
 * @param quote the first 200 characters of the server's message instead: where pages are nobody's secret.
 */
export function serverReason(body: string, quote = false): string {
  const { type, param, message } = errorIn(body);
  if (quote) return oneLine(typeof message === 'string' ? message : body);
  const words = typeof message === 'string' ? message : '';
  const context = CONTEXT.exec(words)?.[1];
  const input = INPUT.exec(words)?.slice(1).find(Boolean);
  return [
    ...[type, param].filter((name) => typeof name === 'string' && NAME.test(name)),
    ...(context === undefined ? [] : [`context of ${context} tokens`]),
    ...(context === undefined || input === undefined ? [] : [`${input} of them input`]),
  ].join(', ');
}

/** vLLM's form, `{"error": {message, type, param, code}}`; nothing for a proxy's page. */
function errorIn(body: string): { type?: unknown; param?: unknown; message?: unknown } {
  try {
    return (JSON.parse(body) as { error?: object } | null)?.error ?? {};
  } catch {
    return {};
  }
}

const oneLine = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_QUOTED);
