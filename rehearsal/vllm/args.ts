import { type FlagKind, flagTable } from '../../domain/vllmFlags';
import { valueProblem } from '../../domain/vllmFlags/values';
import { DEFAULT_VERSION } from './version';

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
  /** False with `--mm-processor-cache-gb 0`: an empty image is then refused by the processor, in other words. */
  readonly hasProcessorCache: boolean;
}

/** A command line that vLLM refuses; the message is the line that argparse prints, the exit code is argparse's 2. */
export class ArgumentError extends Error {}

type Check = (text: string) => boolean;
const integer: Check = (value) => /^-?\d+$/.test(value);
const positive: Check = (value) => integer(value) && Number(value) >= 1;
const float: Check = (value) => value.trim() !== '' && Number.isFinite(Number(value));
const share: Check = (value) => float(value) && Number(value) > 0 && Number(value) <= 1;
const port: Check = (value) => positive(value) && Number(value) <= 65_535;

/** Flags that the stand-in itself uses: held to what they mean, where real vLLM may refuse them later, in other words. */
const USED: Readonly<Record<string, { readonly kind: string; readonly check: Check }>> = {
  port: { kind: 'port', check: port },
  'gpu-memory-utilization': { kind: 'fraction in (0, 1]', check: share },
  'max-model-len': { kind: 'int', check: positive },
  'max-num-seqs': { kind: 'int', check: positive },
};

const isValue = (argument: string | undefined): argument is string =>
  argument !== undefined && (!argument.startsWith('-') || float(argument));

/**
 * Reads a command line as `vllm serve` of a version does: `--flag value`, `--flag=value`, `--no-flag`, underscores for
 * hyphens, `-O1`, and the model as the one positional. Flags and kinds are those of `domain/vllmFlags`.
 * Narrower than vLLM: no dotted JSON (`--limit-mm-per-prompt.image 1`), no `--config` file.
 * @param version of vLLM; one that is not known has the flags of the profiles' version.
 * @throws ArgumentError with argparse's message.
 */
export function parseVllmArgs(args: readonly string[], version = DEFAULT_VERSION): VllmOptions {
  const { kinds } = flagTable(version) ?? flagTable(DEFAULT_VERSION)!;
  const values = new Map<string, readonly string[]>();
  const unrecognized: string[] = [];
  let at = 0;
  while (at < args.length) {
    const argument = (args[at++] as string).replace(/^-O(\d)$/, '--optimization-level=$1');
    if (!argument.startsWith('--')) {
      if (argument.startsWith('-') || values.has('model')) unrecognized.push(argument);
      else values.set('model', [argument]);
      continue;
    }
    const [, written = '', inline] = /^--([^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
    const flag = written.replaceAll('_', '-');
    const kind =
      kinds.get(flag) ?? (kinds.get(flag.replace(/^no-/, '')) === 'boolean' ? 'boolean' : undefined);
    if (kind === undefined) {
      unrecognized.push(argument);
      if (isValue(args[at])) unrecognized.push(args[at++] as string);
      continue;
    }
    const given = inline === undefined ? [] : [inline];
    const most = kind === 'boolean' || kind === 'switch' ? 0 : kind === 'list' ? Infinity : 1;
    while (inline === undefined && given.length < most && isValue(args[at])) given.push(args[at++] as string);
    checkFlag(flag, kind, given, inline);
    if (given.length > 0) values.set(flag, given);
  }
  if (unrecognized.length > 0) throw new ArgumentError(`unrecognized arguments: ${unrecognized.join(' ')}`);
  return optionsOf(values);
}

/** argparse's own messages; of JSON that is none, vLLM 0.30.0's: measured. */
function checkFlag(
  flag: string,
  kind: FlagKind,
  values: readonly string[],
  inline: string | undefined,
): void {
  const refuse = (why: string) => new ArgumentError(`argument --${flag}: ${why}`);
  const [value] = values;
  if (kind === 'boolean' || kind === 'switch') {
    if (inline !== undefined) throw refuse(`ignored explicit argument '${inline}'`);
    return;
  }
  if (value === undefined && kind === 'list') throw refuse('expected at least one argument');
  if (value === undefined && kind !== 'optional') throw refuse('expected one argument');
  const used = USED[flag];
  if (used && !used.check(value ?? '')) throw refuse(`invalid ${used.kind} value: '${value}'`);
  const written = { written: `--${flag}`, name: flag, negated: false, values, inline: inline !== undefined };
  if (used || valueProblem(written, kind) === undefined) return;
  if (kind === 'json') throw refuse(`Value ${value} cannot be converted to <function loads>.`);
  throw refuse(
    kind.includes('|')
      ? `invalid choice: '${value}' (choose from ${kind.split('|').join(', ')})`
      : `invalid ${kind} value: '${value}'`,
  );
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
    hasProcessorCache: Number(one('mm-processor-cache-gb', '4')) > 0,
  };
}
