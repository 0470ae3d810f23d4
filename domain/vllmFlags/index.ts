import table from './table.json';

/**
 * What follows a flag: nothing, and there is `--no-FLAG` (`boolean`); nothing (`switch`); one value of a kind; a word or
 * nothing (`optional`); one or more (`list`); or the words that it may be, joined by `|`.
 */
export type FlagKind = string;

export interface FlagTable {
  /** The version that it is of. */
  readonly version: string;
  readonly kinds: ReadonlyMap<string, FlagKind>;
  /** By flag, in vLLM's words. */
  readonly deprecated: ReadonlyMap<string, string>;
}

/** Of one version, beside the newest. */
interface Older {
  readonly other: Readonly<Record<string, FlagKind>>;
  readonly without: readonly string[];
  readonly deprecated: Readonly<Record<string, string>>;
}

const older: Readonly<Record<string, Older>> = table.older;

/** Versions whose flags are known, oldest first. */
export const FLAG_VERSIONS: readonly string[] = [...Object.keys(older), table.newest];

/** MAJOR.MINOR: patches of a release bring no flags. */
const release = (version: string): string => version.split('.').slice(0, 2).join('.');

/**
 * The flags of `vllm serve` in a version; undefined where they are not known. `table.json` is made from vLLM's own wheels by
 * `scripts/vllm_flags.py`.
 */
export function flagTable(version: string): FlagTable | undefined {
  const known = FLAG_VERSIONS.find((each) => release(each) === release(version));
  if (known === undefined) return undefined;
  const old = older[known];
  const kinds = new Map<string, FlagKind>(Object.entries(table.flags));
  for (const name of old?.without ?? []) kinds.delete(name);
  for (const [name, kind] of Object.entries(old?.other ?? {})) kinds.set(name, kind);
  const deprecated = new Map<string, string>(Object.entries(old?.deprecated ?? table.deprecated));
  return { version: known, kinds, deprecated };
}
