import { spawn, spawnSync } from 'node:child_process';

export const COLUMNS = 80;
/** A command is there, and has asked, by then. */
const SECONDS_BETWEEN_KEYS = 2;
const PATIENCE_MILLISECONDS = 300_000;
/** A word of more characters is an address, a digest or a path: no line break makes it fit beside a label. */
const LONGEST_WORD = 50;

export interface Typed {
  readonly code: number;
  /** What stays on the screen, a line each: without colours, and of a line that was drawn again its last state. */
  readonly lines: readonly string[];
}

/** Why commands cannot be typed here; undefined where they can. */
export function noTerminal(): string | undefined {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return stdout?.includes('util-linux') ? undefined : 'script of util-linux is not installed';
}

/**
 * Runs a command line as if somebody typed it at a terminal of 80 columns.
 * @param keys typed after it: Enter for each question, Ctrl-C for what goes on until somebody stops it.
 */
export function typeAt(folder: string, command: string, keys: readonly string[] = []): Promise<Typed> {
  const line = `stty cols ${COLUMNS} rows 40; ${command}`;
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: PATIENCE_MILLISECONDS,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const typing = keys.map((key, at) =>
    setTimeout(() => child.stdin.write(key), (at + 1) * SECONDS_BETWEEN_KEYS * 1000),
  );
  child.on('close', () => typing.forEach(clearTimeout));
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ code: code ?? 1, lines: screen(output) })),
  );
}

/** What a terminal shows in the end. */
export function screen(output: string): string[] {
  return output
    .replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, (sequence) => (sequence.endsWith('2K') ? '\r' : ''))
    .split(/\r*\n/)
    .map((line) => line.split('\r').findLast((drawn) => drawn !== '') ?? '');
}

/** Lines that the terminal had to break itself, though a space would have done. */
export const wrappedLines = (lines: readonly string[]): string[] =>
  lines.filter(
    (line) => line.length > COLUMNS && line.split(/\s+/).every((word) => word.length <= LONGEST_WORD),
  );

const HINT = /^\s*(?:→ |remedy: |next: )?(?<command>bin\/lightonocr .*)$/;

/** Commands that the output tells its reader to type next; those with a word to fill in are left out. */
export function hints(lines: readonly string[]): string[] {
  const whole = lines
    .join('\n')
    .replace(/ \\\n\s*/g, ' ')
    .split('\n');
  return whole
    .flatMap((line) => HINT.exec(line)?.groups?.command ?? [])
    .filter((command) => !/\b[A-Z]{2,}\b|[;,] |…/.test(command.replace(/"[^"]*"|HEAD/g, '')));
}
