import { anyOf, awayFirst, type Pattern, shown } from './evidence';
import { rebuild } from './modelMissing';
import type { Case } from './symptoms';

const REAL = 'real vLLM 0.30.0 and 0.32.0 on a CPU, started with such a model';

/** By kind of file: what is not whole, and the words of the library that misses it. No path is repeated. */
const KINDS: readonly (readonly [what: string, pattern: Pattern])[] = [
  [
    'a file of its configuration, tokenizer or processor is not there',
    {
      words:
        /Can't load (?:the )?(?:image processor|video processor|feature extractor|processor|tokenizer|configuration|model) (?:of|for)(?= ')/,
      source:
        'https://github.com/huggingface/transformers/blob/main/src/transformers/image_processing_base.py; ' +
        REAL,
    },
  ],
  [
    'a file of its configuration, tokenizer or processor is not there',
    {
      words: /(?:OSError|EnvironmentError): [\w./-]+ does not appear to have (?:a|any) files? named [\w.-]+/,
      source: 'https://github.com/huggingface/transformers/blob/main/src/transformers/utils/hub.py',
    },
  ],
  [
    'its config.json is not there',
    { words: /Invalid repository ID or local directory specified: /, source: REAL },
  ],
  [
    'its config.json is not whole',
    {
      words: /It looks like the config file at '[^']*' is not a valid JSON file/,
      source: 'https://github.com/huggingface/transformers/blob/main/src/transformers/configuration_utils.py',
    },
  ],
  [
    'its tokenizer is not there',
    {
      words:
        /Couldn't instantiate the backend tokenizer from one of|Unable to load vocabulary from file|tokenizer class you load from this checkpoint is not/,
      source: REAL,
    },
  ],
  [
    'a file of its weights is cut short',
    {
      words: /SafetensorError: (?:Error while deserializing(?: header)?: ?)?[A-Za-z ,]{0,80}/,
      source: 'https://github.com/huggingface/safetensors/blob/main/safetensors/src/tensor.rs; ' + REAL,
    },
  ],
  [
    'its weights are not there',
    {
      words:
        /Cannot find any model weights with |No (?:safetensors|\.bin|model) (?:weights|files) found|FileNotFoundError: [^\n]{0,20}No such file or directory: '[^']*\.safetensors'/,
      source:
        'https://github.com/vllm-project/vllm/blob/main/vllm/model_executor/model_loader/default_loader.py; ' +
        REAL,
    },
  ],
  [
    'some of its weights are not there',
    {
      words:
        /Following weights were not initialized from checkpoint|weights were not initialized from (?:the )?(?:model )?checkpoint/,
      source:
        'https://github.com/vllm-project/vllm/blob/main/vllm/model_executor/model_loader/default_loader.py; ' +
        REAL,
    },
  ],
  [
    'weights of another shape than its configuration asks for',
    {
      words:
        /(?:AssertionError|ValueError|RuntimeError): (?:Attempted to load weight \(torch\.Size\(\[[\d, ]*\]\)\) into parameter|The size of tensor a \(\d+\) must match|start \(\d+\) \+ length \(\d+\) exceeds dimension size)/,
      source:
        'https://github.com/vllm-project/vllm/blob/main/vllm/model_executor/model_loader/weight_utils.py',
    },
  ],
];

/** The model is in the image, and a part of it is not: a download that broke off, or a folder that was copied by hand. */
export const modelIncomplete: Case = (symptoms) =>
  symptoms.revisions.flatMap((revision) => {
    const found = KINDS.flatMap(([what, pattern]) =>
      anyOf(symptoms.lines, revision, [pattern]).map((match) => ({ what, match })),
    );
    if (found.length === 0) return [];
    const what = [...new Set(found.map((each) => each.what))].join('; ');
    return [
      {
        id: 'model-incomplete',
        guide: 'Model Load Failure',
        what: `The model in the image is not whole: ${what}.`,
        certainty: 'named',
        because: 'the library that reads the model says so before vLLM ends.',
        revision: revision.name,
        evidence: shown(found.map(({ match }) => match)),
        remedies: [
          ...awayFirst(symptoms, revision, 'its model is not whole'),
          ...rebuild(symptoms.deployment),
        ],
      },
    ];
  });
