import { isOurVariable } from '../template';

/**
 * Flags whose value is a secret, such as `--api-key`; `--max-num-batched-tokens` is none
 * (https://docs.vllm.ai/en/latest/cli/serve/).
 */
const SECRET_FLAG = /(^|-)(key|token|password|passphrase|secret|credentials?)$/;

/** @param flag its name without dashes in front. */
export function isSecretFlag(flag: string): boolean {
  return SECRET_FLAG.test(flag.replaceAll('_', '-').toLowerCase());
}

/**
 * Marks in the shape of Terraform's own (`before_sensitive`) on what may be a secret of a Cloud Run container and has no mark:
 * the provider marks no variable, so that a token which somebody set in the console would stand in a comment or in an issue.
 * A variable that the project writes itself is none. These values are hidden where they stand, and not looked for elsewhere
 * as marked ones are: `true`, set by hand, would blacken every other line.
 */
export function unmarkedSecrets(values: unknown): unknown {
  return marks(values, ['template', 'containers'], (container) => ({
    env: eachOf(container.env, (variable) => {
      const { name } = (variable ?? {}) as { name?: unknown };
      return { value: !isOurVariable(String(name)) };
    }),
    args: secretWords(container.args),
    command: secretWords(container.command),
  }));
}

/** Marks below a path of blocks, each a list or one block as itself. */
function marks(
  values: unknown,
  [key, ...rest]: readonly string[],
  mark: (container: Record<string, unknown>) => unknown,
): unknown {
  if (Array.isArray(values)) return values.map((one: unknown) => marks(one, key ? [key, ...rest] : [], mark));
  if (values === null || typeof values !== 'object') return false;
  const found = values as Record<string, unknown>;
  return key === undefined ? mark(found) : { [key]: marks(found[key], rest, mark) };
}

function eachOf(list: unknown, mark: (item: unknown) => unknown): unknown {
  return Array.isArray(list) ? list.map(mark) : false;
}

/** A shell's `NAME=value`, also inside a longer word; `--flag=value` is none. */
const ASSIGNMENT = /(^|[^\w-])[a-z_]\w*=/i;

/** True for a word that a shell would read a secret from: `HF_TOKEN=X vllm serve`, `vllm serve --api-key X`. */
export function isSecretLine(word: string): boolean {
  const flags = [...word.matchAll(/(?:^|\s)--([\w-]+)[\s=]/g)].map(([, flag]) => flag!);
  return ASSIGNMENT.test(word) || flags.some(isSecretFlag);
}

/** `--api-key=X` as a whole, every word after `--api-key` up to the next flag, and a shell's line that may hold one. */
export function secretWords(words: unknown): unknown {
  let inside = false;
  return eachOf(words, (found) => {
    const word = String(found);
    const [, flag] = /^--([\w-]+)(=.*)?$/s.exec(word) ?? [];
    if (flag !== undefined) inside = isSecretFlag(flag);
    return (flag === undefined && inside) || isSecretLine(word);
  });
}
