/** What the stand-in uses of a vLLM command line; every other known flag is checked and then has no effect. */
export interface VllmOptions {
  readonly host: string;
  readonly port: number;
  readonly model: string;
  readonly servedModelNames: readonly string[];
  readonly maxNumSeqs: number;
  readonly maxModelLen: number;
  readonly imagesPerPrompt: number;
  /** Of image URLs; empty allows all. */
  readonly allowedMediaDomains: readonly string[];
  readonly gpuMemoryUtilization: number;
  readonly shutdownTimeoutSeconds: number;
}

/** A command line that vLLM refuses; the message is the line that argparse prints, the exit code is argparse's 2. */
export class ArgumentError extends Error {}

type Check = (text: string) => boolean;
const text: Check = () => true;
const integer: Check = (value) => /^-?\d+$/.test(value);
const positive: Check = (value) => integer(value) && Number(value) >= 1;
const float: Check = (value) => value.trim() !== '' && Number.isFinite(Number(value));
const share: Check = (value) => float(value) && Number(value) > 0 && Number(value) <= 1;
const port: Check = (value) => positive(value) && Number(value) <= 65_535;
const json: Check = (value) => {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
};

/** Flags of `vllm serve` by the kind of their value (https://docs.vllm.ai/en/latest/cli/serve.html). */
const ONE_VALUE: readonly (readonly [kind: string, check: Check, flags: string])[] = [
  [
    'str',
    text,
    `attention-backend chat-template chat-template-content-format code-revision config-format convert
    distributed-executor-backend download-dir dtype generation-config hf-config-path hf-token host kv-cache-dtype
    load-format allowed-local-media-path model quantization reasoning-parser response-role revision root-path runner
    ssl-ca-certs ssl-certfile ssl-keyfile tokenizer tokenizer-mode tokenizer-revision tool-call-parser uds
    uvicorn-log-level mm-encoder-attn-backend mm-encoder-tp-mode mm-processor-cache-type scheduling-policy`,
  ],
  ['port', port, 'port'],
  [
    'int',
    positive,
    `api-server-count block-size data-parallel-size max-cudagraph-capture-size max-model-len max-num-batched-tokens
    max-num-seqs num-gpu-blocks-override pipeline-parallel-size tensor-parallel-size max-log-len`,
  ],
  ['int', integer, 'max-logprobs seed shutdown-timeout optimization-level'],
  ['float', float, 'cpu-offload-gb mm-processor-cache-gb'],
  ['fraction in (0, 1]', share, 'gpu-memory-utilization'],
  [
    'JSON',
    json,
    `allowed-headers allowed-methods allowed-origins compilation-config default-chat-template-kwargs hf-overrides
    limit-mm-per-prompt media-io-kwargs mm-processor-kwargs override-generation-config speculative-config`,
  ],
];
const MANY_VALUES = 'allowed-media-domains api-key middleware served-model-name';
const SWITCHES = `async-scheduling disable-fastapi-docs disable-log-stats disable-uvicorn-access-log
  enable-auto-tool-choice enable-chunked-prefill enable-log-requests enable-prefix-caching enable-prompt-tokens-details
  enable-request-id-headers enable-server-load-tracking enable-ssl-refresh enforce-eager language-model-only
  skip-mm-profiling trust-remote-code`;

const words = (list: string): string[] => list.trim().split(/\s+/);
const CHECKS = new Map(
  ONE_VALUE.flatMap(([kind, check, flags]) => words(flags).map((flag) => [flag, { kind, check }] as const)),
);
const LISTS = new Set(words(MANY_VALUES));
const BOOLEANS = new Set(words(SWITCHES));

/**
 * Reads a command line as `vllm serve` does: `--flag value`, `--flag=value`, `--no-flag`, underscores for hyphens, `-O1`,
 * and the model as the one positional.
 * Narrower than vLLM: no `8k` for 8192, no dotted JSON (`--limit-mm-per-prompt.image 1`), no `--config` file.
 * @throws ArgumentError with argparse's message.
 */
export function parseVllmArgs(args: readonly string[]): VllmOptions {
  const values = new Map<string, readonly string[]>();
  const unrecognized: string[] = [];
  let at = 0;
  const isValue = (argument: string | undefined): argument is string =>
    argument !== undefined && (!argument.startsWith('-') || float(argument));
  while (at < args.length) {
    const argument = (args[at++] as string).replace(/^-O(\d)$/, '--optimization-level=$1');
    if (!argument.startsWith('--')) {
      if (argument.startsWith('-') || values.has('model')) unrecognized.push(argument);
      else values.set('model', [argument]);
      continue;
    }
    const [, written = '', inline] = /^--([^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
    const flag = written.replaceAll('_', '-');
    if (BOOLEANS.has(flag.replace(/^no-/, ''))) {
      if (inline !== undefined)
        throw new ArgumentError(`argument --${flag}: ignored explicit argument '${inline}'`);
    } else if (LISTS.has(flag)) {
      const list = inline === undefined ? [] : [inline];
      while (inline === undefined && isValue(args[at])) list.push(args[at++] as string);
      if (list.length === 0) throw new ArgumentError(`argument --${flag}: expected at least one argument`);
      values.set(flag, list);
    } else if (CHECKS.has(flag)) {
      const value = inline ?? (isValue(args[at]) ? args[at++] : undefined);
      if (value === undefined) throw new ArgumentError(`argument --${flag}: expected one argument`);
      const { kind, check } = CHECKS.get(flag) as { kind: string; check: Check };
      if (!check(value)) throw new ArgumentError(`argument --${flag}: invalid ${kind} value: '${value}'`);
      values.set(flag, [value]);
    } else {
      unrecognized.push(argument);
      if (isValue(args[at])) unrecognized.push(args[at++] as string);
    }
  }
  if (unrecognized.length > 0) throw new ArgumentError(`unrecognized arguments: ${unrecognized.join(' ')}`);
  return optionsOf(values);
}

/**
 * Defaults are vLLM's own: port 8000, Qwen/Qwen3-0.6B when no model is named, 999 images, 256 sequences, 0.92 of the GPU
 * (0.90 in older ones). The context falls
 * back to 16384, which stands for the model's own maximum (not confirmed; a deployment always passes the flag).
 */
function optionsOf(values: ReadonlyMap<string, readonly string[]>): VllmOptions {
  const one = (flag: string, otherwise: string): string => values.get(flag)?.[0] ?? otherwise;
  const model = one('model', 'Qwen/Qwen3-0.6B');
  const limits = JSON.parse(one('limit-mm-per-prompt', '{}')) as {
    image?: number | { count?: number };
  } | null;
  const image = typeof limits?.image === 'object' ? limits.image.count : limits?.image;
  return {
    host: one('host', '0.0.0.0'),
    port: Number(one('port', '8000')),
    model,
    servedModelNames: values.get('served-model-name') ?? [model],
    maxNumSeqs: Number(one('max-num-seqs', '256')),
    maxModelLen: Number(one('max-model-len', '16384')),
    imagesPerPrompt: image ?? 999,
    allowedMediaDomains: values.get('allowed-media-domains') ?? [],
    gpuMemoryUtilization: Number(one('gpu-memory-utilization', '0.92')),
    shutdownTimeoutSeconds: Number(one('shutdown-timeout', '0')),
  };
}
