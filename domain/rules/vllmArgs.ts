import type { Problem } from '../problem';
import { isSecretFlag } from '../plan/unmarkedSecrets';
import { suggestion } from '../suggestion';
import { FLAG_VERSIONS, type FlagTable, flagTable } from '../vllmFlags';
import { FLAG_KEYS } from '../vllmFlags/flagKeys';
import { type GivenFlag, givenFlags, isDotted } from '../vllmFlags/givenFlags';
import { valueProblem } from '../vllmFlags/values';
import { type Rule, when } from './rule';

const KEY = 'vllm.args';

/** Flags without a key of their own, against the flags that the pinned vLLM has. */
export const vllmArgsRule: Rule = ({ vllm: { args, version } }) => {
  if (args.length === 0) return [];
  const given = givenFlags(args);
  const table = flagTable(version);
  return [
    ...when(table === undefined, {
      code: 'ARGS_NOT_CHECKED',
      key: KEY,
      got: version,
      reason: `The flags of vLLM ${version} are not known here; those of ${FLAG_VERSIONS.join(', ')} are.`,
      remedy: 'Take one of these, or make its table: scripts/vllm_flags.py says how.',
      severity: 'warning',
    }),
    ...given.flatMap((flag, index) => [
      ...contradictions(flag, given.slice(0, index)),
      ...(table ? judged(flag, table) : []),
    ]),
  ];
};

/** What no version's table is needed for. */
function contradictions(flag: GivenFlag, before: readonly GivenFlag[]): Problem[] {
  const key = FLAG_KEYS[flag.name];
  const isAgain = (other: GivenFlag) => other.name === flag.name && !isDotted(other) && !isDotted(flag);
  return [
    ...when(key !== undefined, {
      code: 'ARGS_HAVE_KEY',
      key: KEY,
      got: flag.written,
      reason: `${flag.written} is ${key} in this file: said twice, vLLM would take the last.`,
      remedy: `Write ${key}, and take the flag out.`,
    }),
    ...when(flag.name !== '' && before.some(isAgain), {
      code: 'ARGS_TWICE',
      key: KEY,
      got: flag.written,
      reason: 'The flag stands there twice: vLLM would take the last.',
      remedy: 'Keep one.',
    }),
    ...when(isSecretFlag(flag.name), {
      code: 'ARGS_SECRET',
      key: KEY,
      got: flag.written,
      reason: 'Its value would stand in this file, in the state, in plans and in the console.',
      remedy: 'Put it into Secret Manager and under `secrets`: VLLM_API_KEY, HF_TOKEN.',
    }),
  ];
}

function judged(flag: GivenFlag, { kinds, deprecated, version }: FlagTable): Problem[] {
  const { name, written, negated } = flag;
  // `--no-x` is a flag of its own where the name itself begins so.
  const own = negated && kinds.has(`no-${name}`) ? `no-${name}` : name;
  const kind = kinds.get(own);
  if (name === '' || kind === undefined || !written.startsWith('--'))
    return when(true, unknown(flag, kinds, version));
  const wrong = valueProblem({ ...flag, negated: negated && own === name }, kind);
  const words = deprecated.get(own);
  return [
    ...when(wrong !== undefined, {
      code: 'ARGS_VALUE',
      key: KEY,
      got: [written, ...flag.values].join(' '),
      reason: `${written} ${wrong}.`,
      remedy: 'Correct it: https://docs.vllm.ai/en/latest/cli/serve/ has every flag.',
    }),
    ...when(words !== undefined, {
      code: 'ARGS_DEPRECATED',
      key: KEY,
      got: written,
      reason: `vLLM ${version} says: ${words ?? ''}`,
      remedy: 'Take it out, or write what replaces it.',
      severity: 'warning',
    }),
  ];
}

function unknown({ written, name, values }: GivenFlag, kinds: FlagTable['kinds'], version: string) {
  if (written === '') {
    return {
      code: 'ARGS_UNKNOWN',
      key: KEY,
      got: values.join(' '),
      reason: 'No flag stands before it; the one word without a flag is the model, which is model.id.',
      remedy: 'Begin with a flag, --like-this.',
    };
  }
  const meant = suggestion(name, [...kinds.keys()]);
  return {
    code: 'ARGS_UNKNOWN',
    key: KEY,
    got: written,
    reason: `vLLM ${version} has no such flag, and would not start${meant === undefined ? '' : `; did you mean --${meant}?`}`,
    remedy: meant === undefined ? 'Take it out.' : `Write --${meant}, or take it out.`,
  };
}
