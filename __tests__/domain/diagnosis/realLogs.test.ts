import { diagnose } from '../../../domain/diagnosis';
import { revision, says, symptoms } from './symptoms';

const ids = (lines: readonly string[], ready: 'yes' | 'no' = 'no') =>
  diagnose(
    symptoms({
      lines: lines.map((text) => says(text)),
      revisions: [revision({ ready, percent: 0 })],
    }),
  ).map(({ id }) => id);

/** Last words of failed starts, of the kinds that vLLM 0.30.0 wrote on a CPU or its libraries' sources hold, with other names in them. */
const KINDS: readonly (readonly [id: string, what: string, line: string])[] = [
  [
    'model-incomplete',
    'no image processor',
    "(APIServer pid=5616) OSError: Can't load image processor for '/models/noproc'. If you were trying to load it from 'https://huggingface.co/models', make sure you don't have a local directory with the same name.",
  ],
  [
    'model-incomplete',
    'no configuration, by vLLM',
    "(APIServer pid=1)   Value error, Invalid repository ID or local directory specified: '/models/noconfig'.",
  ],
  [
    'model-incomplete',
    'no tokenizer',
    "(APIServer pid=1) ValueError: Couldn't instantiate the backend tokenizer from one of: ",
  ],
  [
    'model-incomplete',
    'no configuration',
    '(APIServer pid=1) OSError: /model-cache/x does not appear to have a file named config.json. Checkout',
  ],
  [
    'model-incomplete',
    'weights cut short',
    '(Worker pid=30156) ERROR 11-29 13:04:37 [multiproc_executor.py:944] safetensors._safetensors_rust.SafetensorError: Error while deserializing header: incomplete metadata, file not fully covered',
  ],
  [
    'model-incomplete',
    'weights cut inside their header',
    '(EngineCore pid=9) ERROR 11-29 13:04:37 [core.py:1] safetensors_rust.SafetensorError: Error while deserializing header: invalid header length',
  ],
  [
    'model-incomplete',
    'no weights',
    '(EngineCore pid=9) ERROR 11-29 13:04:37 [core.py:1] RuntimeError: Cannot find any model weights with `/models/noweights`',
  ],
  [
    'model-incomplete',
    'some weights missing',
    "(EngineCore pid=9) ValueError: Following weights were not initialized from checkpoint: {'a.b'}",
  ],
  [
    'model-missing',
    'no snapshot',
    '(APIServer pid=12647) huggingface_hub.errors.LocalEntryNotFoundError: Cannot find an appropriate cached snapshot folder for the specified revision on the local disk and outgoing traffic has been disabled.',
  ],
  [
    'transformers-mismatch',
    'a name that transformers does not have',
    "ERROR 11-29 13:07:24 [registry.py:1102] ImportError: cannot import name 'PixtralRotaryEmbedding' from 'transformers.models.pixtral.modeling_pixtral' (/x.py)",
  ],
  [
    'transformers-mismatch',
    'only vLLM’s own words',
    "ValueError: Model architectures ['LightOnOCRForConditionalGeneration'] failed to be inspected. Please check the logs for more details.",
  ],
  ['flag-unknown', 'an unknown flag', 'api_server.py: error: unrecognized arguments: --no-such-flag'],
  ['flag-unknown', 'an unknown flag of vllm serve', 'vllm serve: error: unrecognized arguments: --other 3'],
  [
    'flag-unknown',
    'JSON that is none',
    'api_server.py: error: argument --limit-mm-per-prompt: Value {image:1} cannot be converted to <function loads at 0x7f500295dbc0>.',
  ],
  [
    'flag-unknown',
    'settings that do not go together',
    '(APIServer pid=1)   Value error, User-specified max_model_len (99999) is greater than the derived max_model_len (max_position_embeddings=40960.0)',
  ],
];

describe('diagnose, on the last words of real failed starts', () => {
  test.each(KINDS)('%s: %s', (id, _what, line) => {
    expect(ids([line])).toEqual([id]);
    // The engine's server says this behind every reason.
    expect(ids([line, '(APIServer pid=1) RuntimeError: Engine core initialization failed.'])).toEqual([id]);
  });

  test('an engine that gave up for a reason that nobody knows is told as such', () => {
    const last = '(APIServer pid=1) RuntimeError: Engine core initialization failed. See root cause above.';
    expect(ids(['(EngineCore pid=2) ERROR RuntimeError: something else', last])).toEqual(['not-responding']);
  });

  test('a page longer than the context, in vLLM’s newer words', () => {
    const line = "Input length (2384) exceeds model's maximum context length (2048).";
    expect(ids([line], 'yes')).toEqual(['pages-cut']);
  });
});
