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

/** vLLM does not take its command line: a flag that this version does not know, or a value it refuses. */
export const flagUnknown: Case = ({ deployment, revisions, lines }) =>
  revisions.flatMap((revision) => {
    const found = anyOf(lines, revision, PATTERNS);
    if (found.length === 0) return [];
    const flags = [...new Set(found.map(({ groups }) => groups[0]))].join(', ');
    return [
      {
        id: 'flag-unknown',
        what: `This vLLM refuses ${flags} and ends at once.`,
        certainty: 'named',
        because: 'argparse says so, in the container’s own log.',
        revision: revision.name,
        evidence: shown(found),
        remedies: [
          {
            does: `see whether vLLM ${deployment.vllm.version} (vllm.version) is what image.base holds, ${deployment.image.base}, and knows ${flags}`,
            command: `docker run --rm --entrypoint python3 ${deployment.image.base} -m vllm.entrypoints.openai.api_server --help=${found[0]!.groups[0]!.replace(/^-+/, '')}`,
          },
          release(
            deployment,
            'correct the key of the deployment’s file that makes the flag, commit, and release it',
          ),
        ],
      },
    ];
  });
