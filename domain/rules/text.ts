import type { Deployment } from '../deployment';
import type { Problem } from '../problem';
import { type Rule, when } from './rule';

/** Characters of a text, by its key without list positions. */
const LONGEST: Readonly<Record<string, number>> = {
  // A registry's path and a tag: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
  'image.base': 255 + 1 + 128,
  // Hugging Face takes 96 for a name; the owner in front has no more.
  'model.id': 96 + 1 + 96,
  'model.servedName': 256,
  // RFC 1035, "Size limits".
  'vllm.allowedMediaDomains': 253,
  // RFC 5321, "Path", without its two brackets.
  'notifications.emails': 254,
  // JSON, as --chat-template or --hf-overrides take it; far less than a command line holds.
  'vllm.args': 32 * 1024,
  // An owner's 39 and a repository's 100.
  'github.repository': 39 + 1 + 100,
};
/** Of any other text: more than a path or a URL needs, far less than an API's request holds. */
const LONGEST_OTHER = 2048;
/** cdktf's own marks: in a text they would name something else of the same synth. */
const CDKTF_MARK = /[$#]\{TfToken\[/;

/** Texts that a person would write: not cut by an API somewhere behind the apply, and none that cdktf takes for its own. */
export const textRule: Rule = (deployment: Deployment) =>
  textsOf(deployment).flatMap(({ key, text }): Problem[] => {
    // Cloud Run's own limit of a variable is `ENV_TOO_LONG`.
    const longest = key.startsWith('env.')
      ? Infinity
      : (LONGEST[key.replace(/(\.\d+)+$/, '')] ?? LONGEST_OTHER);
    return [
      ...when(text.length > longest, {
        code: 'TEXT_TOO_LONG',
        key,
        got: `${text.slice(0, 40)}… (${text.length} characters)`,
        reason: `It may have ${longest} characters.`,
        remedy: 'Shorten it, or see whether a whole file was pasted there.',
      }),
      ...when(CDKTF_MARK.test(text), {
        code: 'TEXT_OF_CDKTF',
        key,
        got: text.slice(0, 80),
        reason: 'cdktf takes TfToken for a reference of its own and would put something else there.',
        remedy: 'Write another text.',
      }),
    ];
  });

/** Every string of a deployment with its dotted key, those of lists with their position. */
function textsOf(value: unknown, key = ''): { key: string; text: string }[] {
  if (typeof value === 'string') return [{ key, text: value }];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, item]) => textsOf(item, key === '' ? name : `${key}.${name}`));
}
