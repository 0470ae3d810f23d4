import type { LogEntry } from '../logs/logEntry';
import { COMPILED, MODEL_LOADED, STARTS, UP } from '../logs/startPhases';
import { conditionsWith, type Match, matchesIn, type Pattern } from './evidence';
import type { Evidence, SeenRevision } from './symptoms';

const CLOUD_RUN = 'Cloud Run’s own log, run.googleapis.com/varlog/system';
const VLLM = 'https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/openai/api_server.py';

export const PROBE_FAILED: Pattern = {
  words:
    /(?:Default )?STARTUP (?:HTTP|TCP|GRPC) probe failed (\d+) times? consecutively for container "[^"]*" on port (\d+)(?: path "([^"]*)")?\. The instance was not started\.(?:\s+Connection failed with status (\w+)\.?)?/,
  source: CLOUD_RUN,
};
const STARTED: Pattern = { words: STARTS, source: CLOUD_RUN };
const EXITED: Pattern = { words: /Container called exit\(([1-9]\d*)\)\./, source: CLOUD_RUN };
const KILLED: Pattern = { words: /Container terminated on signal (\d+)\./, source: CLOUD_RUN };
/** vLLM's own last words, where the engine did not start. */
const GAVE_UP: Pattern = {
  words: /RuntimeError: Engine core initialization failed\./,
  source: 'https://github.com/vllm-project/vllm/blob/main/vllm/v1/engine/utils.py; real vLLM 0.30.0 on a CPU',
};
export const LISTENING: Pattern = {
  words:
    /(?:Starting vLLM (?:API )?server(?: \d+)? on|Uvicorn running on) http:\/\/([\w.]+|\[[\w:]+\]):(\d+)/,
  source: VLLM,
};
const IS_UP: Pattern = { words: UP, source: VLLM };
/** How far vLLM came: what it says of its start. */
const PHASES: readonly Pattern[] = [
  { words: /Starting to load model|Loading model from scratch/, source: VLLM },
  { words: /Loading safetensors checkpoint shards: +\d+%/, source: VLLM },
  { words: MODEL_LOADED, source: VLLM },
  { words: COMPILED, source: VLLM },
  { words: /Available KV cache memory: -?[\d.]+ GiB/, source: VLLM },
  { words: /Capturing CUDA graphs/, source: VLLM },
];
const CONDITIONS: readonly Pattern[] = [
  {
    words: /failed to start and listen on the port/,
    source: 'https://cloud.google.com/run/docs/troubleshooting#container-failed-to-start',
  },
  {
    words: /failed the configured startup probe checks/,
    source: 'https://cloud.google.com/run/docs/configuring/healthchecks',
  },
];

/** What the log says of a revision's starts. */
export interface Starts {
  readonly probeFailed: readonly Match[];
  readonly started: readonly Match[];
  /** Ends that nobody asked for, before the last failed probe: the probe failed because of them. */
  readonly ended: readonly Match[];
  /** Where vLLM listens, by its own words. */
  readonly listening?: { readonly host: string; readonly port: number; readonly match: Match };
  /** True when vLLM said that it is up after the newest start. */
  readonly up: boolean;
  /** The last that vLLM said of its start. */
  readonly phase?: Match;
  /** Conditions that say that it did not start. */
  readonly conditions: readonly Evidence[];
}

export function startsOf(lines: readonly LogEntry[], revision: SeenRevision): Starts {
  const all = (pattern: Pattern) => matchesIn(lines, revision, pattern);
  const [probeFailed, started] = [all(PROBE_FAILED), all(STARTED)];
  const lastFailed = probeFailed.at(-1)?.at;
  const ended = [...all(GAVE_UP), ...all(EXITED), ...all(KILLED)].filter(
    ({ at = '' }) => lastFailed === undefined || at <= lastFailed,
  );
  const match = all(LISTENING).at(-1);
  const phases = PHASES.flatMap(all).sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1));
  const newest = started.at(-1)?.at ?? '';
  return {
    probeFailed,
    started,
    ended,
    ...(match && { listening: { host: match.groups[0] ?? '', port: Number(match.groups[1]), match } }),
    up: all(IS_UP).some(({ at = '' }) => at >= newest),
    ...(phases.length > 0 && { phase: phases.at(-1) }),
    conditions: conditionsWith(revision.name, revision.conditions, CONDITIONS),
  };
}
