import { anyOf, awayFirst, type Pattern, planOf, shown } from './evidence';
import type { Case } from './symptoms';

const REAL = 'real vLLM 0.30.0 on a CPU with transformers 5.17.0';
/** Python’s own words for a name that is not there; not seen of this pair. */
const PYTHON = 'https://docs.python.org/3/library/exceptions.html';

/** A name that this transformers does not have, or a kind of model that it does not know. */
const NAMED: readonly Pattern[] = [
  {
    words: /ImportError: cannot import name '\w+' from '(?:transformers|vllm\.transformers_utils)[\w.]*'/,
    source: REAL,
  },
  { words: /ModuleNotFoundError: No module named 'transformers[\w.]*'/, source: PYTHON },
  {
    words:
      /AttributeError: (?:module|partially initialized module) 'transformers[\w.]*' has no attribute '\w+'/,
    source: PYTHON,
  },
  {
    words: /ImportError: transformers[<>=!~\d., ]* is required for a normal functioning of this module/,
    source: 'https://github.com/huggingface/transformers/blob/main/src/transformers/utils/versions.py',
  },
  {
    words:
      /The checkpoint you are trying to load has model type `[\w.-]+` but Transformers does not recognize this architecture/,
    source:
      'https://github.com/huggingface/transformers/blob/main/src/transformers/models/auto/configuration_auto.py',
  },
];
/** What vLLM itself says then; it says so of any module of a model that cannot be imported. */
const INSPECTED: Pattern = {
  words: /Model architectures \[[\w', ]*\] failed to be inspected/,
  source: REAL,
};

/** vLLM and the transformers beside it do not fit: the model's own class cannot be imported. */
export const transformersMismatch: Case = (symptoms) =>
  symptoms.revisions.flatMap((revision) => {
    const named = anyOf(symptoms.lines, revision, NAMED);
    const inspected = anyOf(symptoms.lines, revision, [INSPECTED]);
    if (named.length + inspected.length === 0) return [];
    const { deployment } = symptoms;
    const { version, transformersVersion } = deployment.vllm;
    return [
      {
        id: 'transformers-mismatch',
        guide: 'Model Load Failure',
        what: `vLLM cannot import its class of the model: the transformers beside it (vllm.transformersVersion ${transformersVersion}) is not made for vLLM ${version}.`,
        certainty: named.length > 0 ? 'named' : 'inferred',
        because:
          named.length > 0
            ? 'Python names what this transformers does not have.'
            : 'vLLM could not inspect the model’s class; a transformers that does not fit is the usual reason.',
        revision: revision.name,
        evidence: shown([...named, ...inspected]),
        remedies: [
          ...awayFirst(symptoms, revision, 'vLLM and transformers do not fit'),
          {
            does: 'see which transformers this vLLM takes: the rules know the versions, and the build imports the class before it pushes',
            command: 'npm run synth',
          },
          {
            does: 'correct vllm.transformersVersion, or write `none` for what vLLM’s image brings; build and plan it',
            command: `bin/lightonocr build ${deployment.name} --sha HEAD && ${planOf(deployment)}`,
          },
        ],
      },
    ];
  });
