import { SEVERITIES } from '../../domain/logs/logEntry';
import { invalid } from './googleError';
import type { Json } from './routes';

export type LogFilter = (entry: Json) => boolean;

/** Fields of a LogEntry that a filter may begin with. */
const FIELDS =
  /^(resource|labels|logName|severity|timestamp|receiveTimestamp|insertId|textPayload|jsonPayload|httpRequest|trace|protoPayload)(\.|$)/;
const TOKEN = /\s*(?:(\(|\)|!=|>=|<=|=~|!~|[=<>:])|("(?:[^"\\]|\\.)*")|((?:[\w./%-]|"(?:[^"\\]|\\.)*")+))/y;

/**
 * Cloud Logging's query language (https://cloud.google.com/logging/docs/view/logging-query-language) without functions and
 * global search: comparisons joined by AND (or nothing), OR, NOT and parentheses, OR binding tighter than AND; `field=(a OR b)`.
 * Text is compared without regard to case; `=~` is RE2, of which `(?m)` and what JavaScript has are understood. Anything else
 * is a 400 that quotes it.
 */
export function parseLogFilter(text: string): LogFilter {
  const tokens = tokenize(text);
  let at = 0;
  const peek = () => tokens[at];
  const take = () => {
    const token = tokens[at++];
    if (token === undefined) throw invalid(`Unparseable filter: unexpected end of "${text}"`);
    return token;
  };
  const expect = (wanted: string) => {
    const token = take();
    if (token !== wanted) throw invalid(`Unparseable filter: expected "${wanted}", got "${token}"`);
  };

  function all(): LogFilter {
    const terms = [any()];
    while (peek() !== undefined && peek() !== ')') {
      if (peek() === 'AND') take();
      terms.push(any());
    }
    return (entry) => terms.every((term) => term(entry));
  }
  function any(): LogFilter {
    const terms = [one()];
    while (peek() === 'OR') {
      take();
      terms.push(one());
    }
    return (entry) => terms.some((term) => term(entry));
  }
  function one(): LogFilter {
    const token = take();
    if (token === 'NOT') {
      const negated = one();
      return (entry) => !negated(entry);
    }
    if (token === '(') {
      const inside = all();
      expect(')');
      return inside;
    }
    if (!FIELDS.test(token)) throw invalid(`Unparseable filter: "${token}" is no field of a log entry.`);
    const operator = take();
    const values = peek() === '(' ? valueList() : [unquoted(take())];
    const compare = comparison(token, operator);
    return (entry) => {
      const found = fieldOf(entry, token);
      return values.some((value) => compare(found, value));
    };
  }
  function valueList(): string[] {
    expect('(');
    const values = [unquoted(take())];
    while (peek() === 'OR') {
      take();
      values.push(unquoted(take()));
    }
    expect(')');
    return values;
  }

  if (tokens.length === 0) return () => true;
  const filter = all();
  if (peek() !== undefined) throw invalid(`Unparseable filter: "${peek()}" was not expected.`);
  return filter;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw invalid(`Unparseable filter: the local cloud cannot read "${text.slice(start)}"`);
    tokens.push((match[1] ?? match[2] ?? match[3])!);
  }
  return tokens;
}

const unquoted = (token: string) => (token.startsWith('"') ? (JSON.parse(token) as string) : token);

function fieldOf(entry: Json, path: string): string | undefined {
  const keys = path.match(/"(?:[^"\\]|\\.)*"|[^.]+/g)!.map(unquoted);
  const value = keys.reduce<unknown>((from, key) => (from as Json | undefined)?.[key], entry);
  if (value === undefined && path === 'severity') return 'DEFAULT';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

type Compare = (found: string | undefined, value: string) => boolean;

function comparison(path: string, operator: string): Compare {
  const order = (found: string, value: string) => rank(path, found) - rank(path, value);
  const same: Compare = (found, value) => found?.toLowerCase() === value.toLowerCase();
  const matches: Compare = (found, value) =>
    found !== undefined &&
    new RegExp(value.replace(/^\(\?m\)/, ''), value.startsWith('(?m)') ? 'm' : '').test(found);
  const comparisons: Readonly<Record<string, Compare>> = {
    '=': same,
    '!=': (found, value) => !same(found, value),
    ':': (found, value) => found !== undefined && found.toLowerCase().includes(value.toLowerCase()),
    '=~': matches,
    '!~': (found, value) => !matches(found, value),
    '>=': (found, value) => found !== undefined && order(found, value) >= 0,
    '<=': (found, value) => found !== undefined && order(found, value) <= 0,
    '>': (found, value) => found !== undefined && order(found, value) > 0,
    '<': (found, value) => found !== undefined && order(found, value) < 0,
  };
  const compare = comparisons[operator];
  if (!compare) throw invalid(`Unparseable filter: "${operator}" is no operator.`);
  return compare;
}

/** What an ordering compares: a severity's place, microseconds of a time, a number. */
function rank(path: string, value: string): number {
  if (path === 'severity') {
    const place = SEVERITIES.findIndex((severity) => severity === value.toUpperCase());
    if (place === -1) throw invalid(`Unparseable filter: "${value}" is no severity.`);
    return place;
  }
  if (!/timestamp$/i.test(path)) return Number(value);
  const fraction = /\.(\d+)Z$/.exec(value)?.[1] ?? '';
  return Math.floor(Date.parse(value) / 1000) * 1e6 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
