import { anyOf, type Pattern, release, shown } from './evidence';
import type { Case } from './symptoms';

/** argparse's last line, behind the program's name; exit code 2. */
const PATTERNS: readonly Pattern[] = [
  {
    words: /\berror: unrecognized arguments: (--?[\w-]+)/,
    source: 'https://github.com/vllm-project/vllm/issues/2909',
  },
  {
    words: /\berror: argument (--?[\w/-]+): [^\n]{0,200}/,
    source: 'https://github.com/python/cpython/blob/3.12/Lib/argparse.py, ArgumentError',
  },
];
/** pydantic's: the flags were read, and vLLM's own settings refuse what they say. */
const REFUSED_SETTINGS: readonly Pattern[] = [
  {
    // A folder without a configuration is told in the same form, and is no setting: `modelIncomplete.ts`.
    words: /Value error, (?!Invalid repository ID)([\w-]+)[^\n[]{0,160}/,
    source: 'real vLLM 0.30.0 on a CPU, started with --max-model-len 99999',
  },
];

/** vLLM does not take its command line: a flag that this version does not know, or a value it refuses. */
export const flagUnknown: Case = ({ deployment, revisions, lines }) =>
  revisions.flatMap((revision) => {
    const refused = anyOf(lines, revision, PATTERNS);
    const found = refused.length > 0 ? refused : anyOf(lines, revision, REFUSED_SETTINGS);
    if (found.length === 0) return [];
    const flags = [...new Set(refused.map(({ groups }) => groups[0]))].join(', ') || 'its settings';
    return [
      {
        id: 'flag-unknown',
        what: `This vLLM refuses ${flags} and ends at once.`,
        certainty: 'named',
        because:
          refused.length > 0
            ? 'argparse says so, in the container’s own log.'
            : 'its check of all settings together says so, in the container’s own log.',
        revision: revision.name,
        evidence: shown(found),
        remedies: [
          {
            does: `see whether vLLM ${deployment.vllm.version} (vllm.version) is what image.base holds, ${deployment.image.base}, and knows ${flags}`,
            command: `docker run --rm --entrypoint vllm ${deployment.image.base} serve --help=${helpOf(refused[0]?.groups[0])}`,
          },
          release(
            deployment,
            'correct the key of the deployment’s file that makes the flag, commit, and release it',
          ),
        ],
      },
    ];
  });

/** What `vllm serve --help=` is asked: a flag's name, or everything. */
const helpOf = (flag: string | undefined) => flag?.replace(/^-+/, '').split('/')[0] ?? 'all';
