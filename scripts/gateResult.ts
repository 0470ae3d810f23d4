export interface GateResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, by name: jest's tests, or what the gate printed as `failed: …`; else the last lines it printed. */
  readonly failures: readonly string[];
}

/** `…: 3 passed, 0 failed, 1 skipped`, as the project's own scripts end. */
const OWN_TOTAL = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/m;
/** `Tests: 1 failed, 2 skipped, 300 passed, 303 total`, as jest ends. */
const JEST_TOTAL = /^Tests:.*total/m;
/** `FAIL file`, then of that file `  ● suite › test`; or `failed: hadolint`. jest heads what a test printed with `● Console`. */
const FAILURE = /^(?:FAIL (?<file>\S+)| {2}● (?!Console$)(?<test>.+)|failed: (?<gate>.+))/gm;
/** What jest says in a test's place. */
const NOT_LOADED = 'Test suite failed to run';
const LAST_LINES = 5;
const COLOUR = /\x1b\[[0-9;]*m/g;

/** What a gate's output counts: as jest or the gate itself says; a gate that counts nothing is one. */
export function gateResult(printed: string, code: number): GateResult {
  const output = printed.replace(COLOUR, '');
  const own = OWN_TOTAL.exec(output);
  const jest = JEST_TOTAL.exec(output)?.[0];
  const number = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(jest ?? '')?.[1] ?? 0);
  const count = jest
    ? { passed: number('passed'), failed: number('failed'), skipped: number('skipped') + number('todo') }
    : {
        passed: Number(own?.[1] ?? (code === 0 ? 1 : 0)),
        failed: Number(own?.[2] ?? 0),
        skipped: Number(own?.[3] ?? 0),
      };
  // A gate that failed has failed, whatever it counted.
  const failed = code !== 0 && count.failed === 0 ? 1 : count.failed;
  if (failed === 0) return { ...count, failed, failures: [] };
  const names = namesIn(output);
  const lastLines = output.split('\n').filter(Boolean).slice(-LAST_LINES);
  return { ...count, failed, failures: names.length > 0 ? [...new Set(names)] : lastLines };
}

function namesIn(output: string): string[] {
  let suite = '';
  return [...output.matchAll(FAILURE)].flatMap(({ groups: { file, test, gate } = {} }) => {
    if (file !== undefined) suite = file;
    const name = test === NOT_LOADED ? `${suite}: ${test}` : (test ?? gate);
    return name === undefined ? [] : [name.trim()];
  });
}
