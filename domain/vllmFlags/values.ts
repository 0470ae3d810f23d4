import type { FlagKind } from '.';
import { type GivenFlag, isDotted } from './givenFlags';

/** vLLM's numbers may end in a letter: `8k`, `16M`. */
const INT = /^[+-]?\d+[kKmMgGtT]?$/;
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** By kind: whether a value is of it, and what one is called. */
const KINDS: Readonly<Record<string, { readonly fits: (value: string) => boolean; readonly wants: string }>> =
  {
    int: { fits: (value) => INT.test(value), wants: 'a whole number' },
    float: { fits: (value) => FLOAT.test(value), wants: 'a number' },
    json: { fits: isJson, wants: 'JSON' },
    text: { fits: () => true, wants: 'a word' },
  };

/** What is wrong with a flag's values, as the end of a sentence that begins with the flag; undefined where nothing is. */
export function valueProblem(flag: GivenFlag, kind: FlagKind): string | undefined {
  const { values, negated } = flag;
  const takesNone = kind === 'boolean' || kind === 'switch';
  if (negated && kind !== 'boolean') return 'has no form with --no-';
  if (takesNone || negated) return values.length > 0 ? 'takes no value' : undefined;
  if (kind === 'optional') return values.length > 1 ? 'takes one value at most' : undefined;
  if (kind === 'list') return values.length === 0 ? 'takes one value or more' : undefined;
  if (values.length !== 1) return 'takes one value';
  const [value = ''] = values;
  // `--speculative-config.method eagle`: a part of the JSON, and any word may be one.
  if (isDotted(flag)) return kind === 'json' ? undefined : 'has no parts';
  const known = KINDS[kind];
  if (known) return known.fits(value) ? undefined : `takes ${known.wants}`;
  const choices = kind.split('|');
  return choices.includes(value) ? undefined : `takes one of ${choices.join(', ')}`;
}
