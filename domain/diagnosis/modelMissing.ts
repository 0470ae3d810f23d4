import { serveFlags } from '../service/liveTemplate';
import { anyOf, type Pattern, planOf, shown } from './evidence';
import type { Case, Remedy } from './symptoms';

const PATTERNS: readonly Pattern[] = [
  {
    words:
      /(?:huggingface_hub\.[\w.]+\.)?LocalEntryNotFoundError: (?:Cannot find an appropriate cached snapshot folder for the specified revision on the local disk and outgoing traffic has been disabled\.|Cannot find the requested files in the disk cache and outgoing traffic has been disabled\.|An error happened while trying to locate the files? on the Hub)?/,
    source:
      'https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/_snapshot_download.py',
  },
  {
    words:
      /OSError: We couldn't connect to 'https:\/\/huggingface\.co' to load (?:this file|the files), (?:and )?couldn't find (?:it|them) in the cached files/,
    source: 'https://github.com/huggingface/transformers/blob/main/src/transformers/utils/hub.py',
  },
  {
    words: /OfflineModeIsEnabled: Cannot reach https:\/\/huggingface\.co\/[\w./-]*: offline mode is enabled/,
    source: 'https://github.com/vllm-project/vllm/issues/3719',
  },
  {
    words: /OSError: [\w./-]+ is not the path to a directory containing a file named [\w.-]+/,
    source: 'https://github.com/huggingface/transformers/blob/main/src/transformers/utils/hub.py',
  },
];

/** The way to an image that holds the model. */
export const rebuild = (deployment: { readonly name: string }): readonly Remedy[] => [
  {
    does: 'build anew, every layer: a download that broke off stays in the cache otherwise; the build checks the model before it pushes',
    command: `bin/lightonocr build ${deployment.name} --sha HEAD --no-cache`,
  },
  { does: 'plan the release of it', command: planOf(deployment) },
];

/** The guide's "Model Load Failure", second half: the model that vLLM is told to load is not in the image. */
export const modelMissing: Case = ({ deployment, revisions, lines }) =>
  revisions.flatMap((revision) => {
    const found = anyOf(lines, revision, PATTERNS);
    if (found.length === 0) return [];
    const { model } = deployment;
    const asked = serveFlags(revision.args).get('model') ?? model.id;
    const other = asked !== model.id;
    return [
      {
        id: 'model-missing',
        guide: 'Model Load Failure',
        what: `The image does not hold ${asked}, and the container may not download it.`,
        certainty: 'named',
        because: 'Hugging Face’s library says so; HF_HUB_OFFLINE keeps it from the network.',
        revision: revision.name,
        evidence: shown(found),
        remedies: [
          ...(other
            ? [
                {
                  does: `the revision asks for ${asked}, the file says ${model.id}: release the file as it is`,
                },
              ]
            : []),
          ...rebuild(deployment),
        ],
      },
    ];
  });
