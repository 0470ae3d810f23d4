/** One flag of a list of arguments. */
export interface GivenFlag {
  /** As it was written: `--max_num_seqs`, `--no-enforce-eager`. Empty for words before any flag. */
  readonly written: string;
  /** Without dashes in front and `no-`, underscores as hyphens. */
  readonly name: string;
  /** Written as `--no-…`. */
  readonly negated: boolean;
  readonly values: readonly string[];
  /** The value stands behind `=`. */
  readonly inline: boolean;
}

const isNumber = (word: string): boolean => word.trim() !== '' && Number.isFinite(Number(word));

/**
 * Words as vLLM's parser groups them: each flag with the values behind it. A dotted flag (`--speculative-config.method x`) is
 * its first part, and its value JSON of one key.
 */
export function givenFlags(args: readonly string[]): GivenFlag[] {
  const found: { -readonly [K in keyof GivenFlag]: GivenFlag[K] }[] = [];
  for (const word of args) {
    const [, written, dotted, value] = /^(--?[a-zA-Z][\w-]*)(\.[\w.+-]+)?(?:=(.*))?$/s.exec(word) ?? [];
    if (written === undefined || isNumber(word)) {
      const last = found.at(-1);
      if (last && !last.inline) last.values = [...last.values, word];
      else found.push({ written: '', name: '', negated: false, values: [word], inline: false });
      continue;
    }
    const dashed = written.replace(/^--?/, '').replaceAll('_', '-');
    const negated = dashed.startsWith('no-');
    found.push({
      written: written + (dotted ?? ''),
      name: negated ? dashed.slice(3) : dashed,
      negated,
      values: value === undefined ? [] : [value],
      inline: value !== undefined,
    });
  }
  return found;
}

/** A flag whose value is a part of its JSON. */
export const isDotted = ({ written }: GivenFlag): boolean => written.includes('.');
