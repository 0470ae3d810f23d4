import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The project needs Node alone; these scripts run where the image is built. The program itself, not a version manager's shim. */
const PYTHON = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
const describeWithPython = PYTHON.status === 0 ? describe : describe.skip;

const COMMIT = 'c0ffee0000000000000000000000000000000000';
const CONFIG = {
  architectures: ['LightOnOCRForConditionalGeneration'],
  text_config: {
    vocab_size: 6,
    hidden_size: 4,
    intermediate_size: 8,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 3,
  },
};
type Shapes = Readonly<Record<string, readonly number[]>>;
type Files = Readonly<Record<string, string | Buffer>>;

const layer = (n: number): Shapes => ({
  [`model.language_model.layers.${n}.self_attn.q_proj.weight`]: [6, 4],
  [`model.language_model.layers.${n}.self_attn.k_proj.weight`]: [3, 4],
  [`model.language_model.layers.${n}.mlp.down_proj.weight`]: [4, 8],
});
const SHAPES: Shapes = {
  'model.language_model.embed_tokens.weight': [6, 4],
  ...layer(0),
  ...layer(1),
  // The encoder's own layers are of another size.
  'model.vision_encoder.layers.0.mlp.down_proj.weight': [5, 2],
};

/** A weights file in bfloat16 (https://github.com/huggingface/safetensors#format). */
function safetensors(shapes: Shapes): Buffer {
  let end = 0;
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const begin = end;
    end += 2 * shape.reduce((product, side) => product * side, 1);
    return [name, { dtype: 'BF16', shape, data_offsets: [begin, end] }];
  });
  const header = Buffer.from(
    JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(tensors) }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(end, 7)]);
}

const MODEL: Files = {
  'config.json': JSON.stringify(CONFIG),
  'tokenizer.json': '{}',
  'processor_config.json': '{"of": "pictures"}',
  'model.safetensors': safetensors(SHAPES),
};
const [one, two] = [
  { ...layer(0) },
  Object.fromEntries(Object.entries(SHAPES).filter(([n]) => !(n in layer(0)))),
];
const SHARDED: Files = {
  ...Object.fromEntries(Object.entries(MODEL).filter(([name]) => name !== 'model.safetensors')),
  'model-1.safetensors': safetensors(one),
  'model-2.safetensors': safetensors(two),
  'model.safetensors.index.json': JSON.stringify({
    weight_map: Object.fromEntries([
      ...Object.keys(one).map((name) => [name, 'model-1.safetensors']),
      ...Object.keys(two).map((name) => [name, 'model-2.safetensors']),
    ]),
  }),
};
const without = (files: Files, name: string): Files =>
  Object.fromEntries(Object.entries(files).filter(([each]) => each !== name));

describeWithPython('the model in the image', () => {
  const root = mkdtempSync(join(tmpdir(), 'model-'));
  afterAll(() => rmSync(root, { recursive: true }));

  const hash = (name: string, content: string | Buffer) =>
    name.endsWith('.safetensors')
      ? createHash('sha256').update(content).digest('hex')
      : createHash('sha1')
          .update(`blob ${Buffer.byteLength(content)}\0`)
          .update(content)
          .digest('hex');

  /** HF_HOME as huggingface_hub fills it by commit: blobs by their hash, a snapshot of links, no `refs/main`. */
  function cache(files: Files): string {
    const home = mkdtempSync(join(root, 'home-'));
    const folder = join(home, 'hub', 'models--owner--model');
    mkdirSync(join(folder, 'blobs'), { recursive: true });
    mkdirSync(join(folder, 'snapshots', COMMIT), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      const blob = hash(name, content);
      writeFileSync(join(folder, 'blobs', blob), content);
      symlinkSync(join('..', '..', 'blobs', blob), join(folder, 'snapshots', COMMIT, name));
    }
    return home;
  }
  const snapshotFile = (home: string, name: string) =>
    join(home, 'hub', 'models--owner--model', 'snapshots', COMMIT, name);

  /** Python's search path with a hub that has downloaded, and a transformers that reads the cache as the real one does. */
  const modules = join(root, 'modules');
  beforeAll(() => {
    mkdirSync(modules);
    const snapshot = `pathlib.Path(os.environ['HF_HOME']) / 'hub' / 'models--owner--model' / 'snapshots' / '${COMMIT}'`;
    writeFileSync(
      join(modules, 'huggingface_hub.py'),
      `import os, pathlib\ndef snapshot_download(model_id, revision):\n    print('asked for', revision)\n    return str(${snapshot})\n`,
    );
    writeFileSync(
      join(modules, 'transformers.py'),
      [
        'import os, pathlib',
        "__version__ = '5.16.1'",
        `snapshot = ${snapshot}`,
        'def read(model_id, file):',
        "    if os.environ.get('HF_HUB_OFFLINE') != '1': raise OSError('would ask the hub')",
        "    if not (snapshot / file).exists(): raise OSError(f'{model_id} has no {file}')",
        'class AutoConfig:',
        "    from_pretrained = staticmethod(lambda model_id: read(model_id, 'config.json'))",
        'class AutoProcessor:',
        "    from_pretrained = staticmethod(lambda model_id: read(model_id, 'processor_config.json'))",
        'class AutoTokenizer:',
        "    from_pretrained = staticmethod(lambda model_id: range(6000 if (snapshot / 'tokenizer.json').exists() else 0))",
      ].join('\n'),
    );
    // vLLM imports the modules of a model when they are asked for; what they need of transformers may not be there.
    const vllm = join(modules, 'vllm', 'model_executor', 'models');
    mkdirSync(vllm, { recursive: true });
    writeFileSync(join(modules, 'vllm', '__init__.py'), "__version__ = '0.30.0'\n");
    writeFileSync(join(modules, 'vllm', 'model_executor', '__init__.py'), '');
    writeFileSync(
      join(vllm, '__init__.py'),
      [
        'class Lazy:',
        '    def __init__(self, name): self.name = name',
        '    def load_model_cls(self):',
        "        if self.name == 'BrokenForConditionalGeneration':",
        "            raise ImportError(\"cannot import name 'PixtralRotaryEmbedding' from 'transformers'\")",
        'class ModelRegistry:',
        "    models = {n: Lazy(n) for n in ('LightOnOCRForConditionalGeneration', 'BrokenForConditionalGeneration')}",
      ].join('\n'),
    );
  });

  function python(script: string, home: string, ...args: string[]) {
    const { status, stdout, stderr } = spawnSync(
      PYTHON.stdout.trim(),
      [join('gpu-container', script), 'owner/model', ...args],
      {
        encoding: 'utf8',
        env: { ...process.env, HF_HOME: home, PYTHONPATH: modules, PYTHONDONTWRITEBYTECODE: '1' },
      },
    );
    return { status, stdout, stderr };
  }
  /** Downloaded, then damaged, then checked. */
  function check(files: Files, damage: (home: string) => void = () => undefined) {
    const home = cache(files);
    python('download_model.py', home, COMMIT);
    damage(home);
    return python('check_model.py', home, '--load');
  }

  describe('download_model.py', () => {
    test('makes a revision pinned by commit the `main` that an offline vLLM asks for', () => {
      const home = cache(MODEL);
      const { status, stdout } = python('download_model.py', home, COMMIT);
      expect({ status, stdout }).toEqual({
        status: 0,
        stdout: `asked for ${COMMIT}\nmodel owner/model at ${COMMIT}\n`,
      });
      expect(readFileSync(join(home, 'hub/models--owner--model/refs/main'), 'utf8')).toBe(COMMIT);
    });

    test.each([
      ['none', '', 'None'],
      ['a branch', 'main', 'main'],
    ])('with %s, says which commit to write down', (_what, revision, asked) => {
      const { stdout } = python('download_model.py', cache(MODEL), revision);
      expect(stdout).toContain(`asked for ${asked}\n`);
      expect(stdout).toMatch(new RegExp(`NOT PINNED: .*'${revision}'.* model\\.revision: ${COMMIT}`));
    });
  });

  describe('check_model.py', () => {
    test.each([
      ['one file', MODEL, 8],
      ['shards and their index', SHARDED, 8],
    ])('passes a whole model in %s', (_what, files, tensors) => {
      expect(check(files)).toEqual({
        status: 0,
        stderr: '',
        stdout: expect.stringContaining(`owner/model at ${COMMIT} is whole: ${tensors} tensors`),
      });
    });

    const [weights, config] = ['model.safetensors', 'config.json'];
    const changed = (change: object) =>
      JSON.stringify({ ...CONFIG, text_config: { ...CONFIG.text_config, ...change } });
    const withClass = (...architectures: string[]) => ({
      ...MODEL,
      [config]: JSON.stringify({ ...CONFIG, architectures }),
    });
    test.each<[string, Files, (home: string) => void, RegExp]>([
      [
        'no model',
        MODEL,
        (home) => rmSync(join(home, 'hub'), { recursive: true }),
        /refs\/main: No such file/,
      ],
      ['no configuration', without(MODEL, config), () => undefined, /config\.json: No such file/],
      ['no weights', without(MODEL, weights), () => undefined, /model\.safetensors: is missing/],
      [
        'a shard less',
        without(SHARDED, 'model-2.safetensors'),
        () => undefined,
        /model-2\.safetensors: is missing/,
      ],
      [
        'a file that was cut',
        MODEL,
        (home) => writeFileSync(snapshotFile(home, weights), safetensors(SHAPES).subarray(0, -10)),
        /model\.safetensors: is [0-9a-f]{64}, and should be [\s\S]*has \d+ bytes, and its header describes/,
      ],
      [
        'a file that is all but empty',
        MODEL,
        (home) => writeFileSync(snapshotFile(home, weights), 'x'),
        /ends inside its header/,
      ],
      [
        'a byte that is another',
        MODEL,
        (home) => {
          const content = safetensors(SHAPES);
          writeFileSync(snapshotFile(home, weights), content.fill(8, content.length - 1));
        },
        /model\.safetensors: is [0-9a-f]{64}, and should be/,
      ],
      [
        'a small file that is another',
        MODEL,
        (home) => writeFileSync(snapshotFile(home, 'tokenizer.json'), '[]'),
        /tokenizer\.json: is [0-9a-f]{40}, and should be/,
      ],
      [
        'a link without its content',
        MODEL,
        (home) =>
          rmSync(join(dirname(snapshotFile(home, config)), '../../blobs', hash('tokenizer.json', '{}'))),
        /tokenizer\.json: its content is not there/,
      ],
      [
        'a tensor that the index names and no shard has',
        {
          ...SHARDED,
          'model-2.safetensors': safetensors(without(two as never, Object.keys(two)[0]!) as never),
        },
        () => undefined,
        /model-2\.safetensors: has no model\.language_model\.embed_tokens\.weight/,
      ],
      [
        'a layer less than the configuration',
        { ...MODEL, [config]: changed({ num_hidden_layers: 3 }) },
        () => undefined,
        /self_attn\.q_proj\.weight: config\.json asks for 3, the weights have 2/,
      ],
      [
        'another vocabulary than the configuration',
        { ...MODEL, [config]: changed({ vocab_size: 7 }) },
        () => undefined,
        /embed_tokens\.weight: config\.json asks for \[7, 4\], the weights have \[6, 4\]/,
      ],
      [
        'other heads than the configuration',
        { ...MODEL, [config]: changed({ num_key_value_heads: 2 }) },
        () => undefined,
        /layers\.0\.self_attn\.k_proj\.weight: config\.json asks for \[6, 4\], the weights have \[3, 4\]/,
      ],
      [
        'no tokenizer, for which transformers makes an empty one',
        without(MODEL, 'tokenizer.json'),
        () => undefined,
        /AutoTokenizer, with transformers 5\.16\.1: knows 0 tokens/,
      ],
      [
        'no processor, which only a start would miss',
        without(MODEL, 'processor_config.json'),
        () => undefined,
        /AutoProcessor, with transformers 5\.16\.1: owner\/model has no processor_config\.json/,
      ],
      [
        'a transformers that vLLM’s class of the model cannot be imported with',
        withClass('BrokenForConditionalGeneration'),
        () => undefined,
        /vLLM 0\.30\.0, with transformers 5\.16\.1: cannot import BrokenForConditionalGeneration: cannot import name 'PixtralRotaryEmbedding'/,
      ],
      [
        'a model that vLLM has no class for',
        withClass('OtherForCausalLM'),
        () => undefined,
        /vLLM 0\.30\.0, with transformers 5\.16\.1: knows no class of OtherForCausalLM/,
      ],
    ])('rejects %s', (_what, files, damage, words) => {
      expect(check(files, damage)).toEqual({
        status: 1,
        stdout: expect.any(String),
        stderr: expect.stringMatching(words),
      });
    });

    test('says all that is wrong at once', () => {
      const { stderr } = check(MODEL, (home) => {
        writeFileSync(snapshotFile(home, 'tokenizer.json'), '[]');
        rmSync(snapshotFile(home, weights));
      });
      expect(stderr.trim().split('\n')).toHaveLength(2);
    });
  });

  test('a copy of the cache is as good as the cache: the image copies it from another stage', () => {
    const home = cache(MODEL);
    python('download_model.py', home, COMMIT);
    const copy = join(root, 'copy');
    cpSync(home, copy, { recursive: true, verbatimSymlinks: true });
    rmSync(home, { recursive: true });
    expect(python('check_model.py', copy).status).toBe(0);
  });
});
