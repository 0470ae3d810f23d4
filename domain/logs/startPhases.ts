import { isAtLeast, type LogEntry, secondsBetween } from './logEntry';

/**
 * The phases of a cold start, in their order:
 * - `attach`: Cloud Run starts the instance, attaches the GPU and fetches the image, until the container's first line;
 * - `load`: Python, vLLM and the model's weights, until they are on the GPU;
 * - `compile`: torch.compile, the KV cache and CUDA graphs;
 * - `ready`: the HTTP server, until it says that it is up and the startup probe has passed.
 */
export const PHASES = ['attach', 'load', 'compile', 'ready'] as const;
export type PhaseName = (typeof PHASES)[number];

export interface StartPhase {
  readonly name: PhaseName;
  /** Since the phase before it ended, or the one before that where a line was not found. */
  readonly seconds: number;
  /** What vLLM's own lines say of it: `weights 1.65 s, 15.18 GiB`. */
  readonly detail?: string;
}

export interface InstanceStart {
  readonly revision: string;
  readonly instance: string;
  /** `at` of the line that says so. */
  readonly startedAt: string;
  /** Cloud Run's word for why: `AUTOSCALING`, `DEPLOYMENT_ROLLOUT`, …. */
  readonly reason: string;
  readonly phases: readonly StartPhase[];
  readonly state: 'starting' | 'ready' | 'failed';
  /** From the start to its last phase, or to its failure. */
  readonly seconds: number;
  /** Cloud Run's words for the failure; the container's own are in its lines. */
  readonly problem?: string;
}

/** What a line is to a start: `folded` lines say no more than the phases do; `step` is a start's newest state. */
export type Fold =
  | 'shown'
  | 'folded'
  | {
      readonly step: InstanceStart;
      /** The one that this line ends. */
      readonly phase?: StartPhase;
      /** Of a failed start: its last lines that were folded. */
      readonly lines?: readonly LogEntry[];
    };

/** Lines of a failed start that are shown after all. */
const LAST_LINES = 20;

/**
 * The lines of vLLM that end a phase. Seen from 0.8 (https://github.com/vllm-project/vllm/issues/20264) over 0.11
 * (https://github.com/vllm-project/vllm/pull/29335) to 0.22 (https://github.com/vllm-project/vllm/pull/44106); the numbers
 * around them have changed their form (`and 0.90 seconds`, `GiB memory`, `took 50.64 s (compilation: 25.93 s)`).
 */
export const MODEL_LOADED = /Model loading took ([\d.]+) GiB/;
export const COMPILED = /torch\.compile (?:takes|took) ([\d.]+) s/;
export const UP = /Application startup complete/;
const ENDS: readonly (readonly [PhaseName, RegExp])[] = [
  ['load', MODEL_LOADED],
  ['compile', /init engine \(profile, create kv cache, warmup model\) took/],
  ['ready', UP],
];
/** What is worth keeping of the lines in a phase; several of one kind are the last one's. */
const DETAILS: readonly (readonly [RegExp, (found: RegExpExecArray) => string, PhaseName, string])[] = [
  [/Loading weights took ([\d.]+) s/, ([, seconds]) => `weights ${seconds} s`, 'load', 'weights'],
  [MODEL_LOADED, ([, gib]) => `${gib} GiB`, 'load', 'memory'],
  [COMPILED, ([, seconds]) => `torch.compile ${seconds} s`, 'compile', 'compile'],
  [
    /Graph capturing finished in ([\d.]+) secs/,
    ([, seconds]) => `CUDA graphs ${seconds} s`,
    'compile',
    'graphs',
  ],
];
export const STARTS = /^Starting new instance\. Reason: (\w+)/;
const PASSED = /STARTUP \w+ probe succeeded/i;
const FAILED = /probe failed \d|^Container called exit|^Container terminated|^Memory limit of/;

interface Running {
  readonly entry: LogEntry;
  readonly reason: string;
  readonly phases: StartPhase[];
  readonly details: Map<string, { phase: PhaseName; text: string }>;
  readonly folded: LogEntry[];
  /** When the newest phase ended. */
  last: string;
  isVllm: boolean;
  isUp: boolean;
  isProbed: boolean;
}

/**
 * Follows starts of instances through their lines, as they come in the order of their times: each line is told what it is.
 * Lines of an instance whose start was not seen are shown, and so is what is an error.
 */
export function startFolder(): (entry: LogEntry) => Fold {
  const running = new Map<string, Running>();

  return (entry) => {
    const { instance, log, text, at } = entry;
    if (instance === undefined || log === 'requests' || log === 'other') return 'shown';
    const reason = log === 'system' ? STARTS.exec(text)?.[1] : undefined;
    if (reason !== undefined) {
      const flags = { isVllm: false, isUp: false, isProbed: false };
      const start = { entry, reason, phases: [], folded: [], details: new Map(), last: at, ...flags };
      running.set(instance, start);
      return { step: summary(start, at) };
    }
    const start = running.get(instance);
    if (!start) return 'shown';
    if (log === 'system' && FAILED.test(text)) {
      running.delete(instance);
      const step = { ...summary(start, at), state: 'failed' as const, problem: text };
      return { step, lines: start.folded };
    }
    if (log === 'system' && PASSED.test(text)) start.isProbed = true;
    const before = start.phases.length;
    if (log !== 'system') readLine(start, entry);
    if (start.isProbed && (start.isUp || !start.isVllm)) {
      running.delete(instance);
      const phase = endPhase(start, 'ready', at);
      return { step: { ...summary(start, at), state: 'ready' }, phase };
    }
    if (start.phases.length > before) return { step: summary(start, at), phase: start.phases.at(-1)! };
    if (isAtLeast(entry.severity, 'ERROR')) return 'shown';
    start.folded.push(entry);
    if (start.folded.length > LAST_LINES) start.folded.shift();
    return 'folded';
  };
}

/** The starts that lines tell of, oldest first. */
export function instanceStarts(entries: readonly LogEntry[]): InstanceStart[] {
  const fold = startFolder();
  const starts = new Map<string, InstanceStart>();
  for (const entry of entries) {
    const folded = fold(entry);
    if (typeof folded === 'object')
      starts.set(`${folded.step.instance} ${folded.step.startedAt}`, folded.step);
  }
  return [...starts.values()];
}

function readLine(start: Running, { text, at }: LogEntry): void {
  if (start.phases.length === 0) endPhase(start, 'attach', at);
  for (const [pattern, say, phase, key] of DETAILS) {
    const found = pattern.exec(text);
    if (found) start.details.set(key, { phase, text: say(found) });
  }
  const ended = ENDS.find(([, pattern]) => pattern.test(text))?.[0];
  if (ended === undefined) return;
  start.isVllm = true;
  if (ended === 'ready') start.isUp = true;
  else if (!start.phases.some(({ name }) => name === ended)) endPhase(start, ended, at);
}

function endPhase(start: Running, name: PhaseName, at: string): StartPhase {
  const details = [...start.details.values()].filter(({ phase }) => phase === name).map(({ text }) => text);
  const seconds = secondsBetween(start.last, at);
  const phase = { name, seconds, ...(details.length > 0 && { detail: details.join(', ') }) };
  start.phases.push(phase);
  start.last = at;
  return phase;
}

function summary({ entry, reason, phases }: Running, at: string): InstanceStart {
  return {
    revision: entry.revision,
    instance: entry.instance ?? '',
    startedAt: entry.at,
    reason,
    phases: [...phases],
    state: 'starting',
    seconds: secondsBetween(entry.at, at),
  };
}
