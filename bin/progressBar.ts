import { fit } from './fit';
import { terminalWidth } from './table';
import { waitLines } from '../ocr/waitLines';

/** Where the bar is drawn: standard error, as far as it is a terminal. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressBar {
  /** A line that stays, above the bar. */
  line(this: void, text: string): void;
  /** The bar as it is now; rate and time left are of what was done since it was first drawn. */
  draw(this: void, done: number, total: number, unit: string): void;
  /** `onWait` of a wait for the model: a bar, without a rate; a line now and then where there is no terminal. */
  waitOf(this: void, budgetSeconds: number): (seconds: number, answer: string) => void;
  /** Takes the bar away. */
  end(this: void): void;
}

const BAR_CHARACTERS = 20;
const CLEAR_LINE = '\r\x1b[2K';

/** A bar with rate and time left; lines alone where there is no terminal. */
export function progressBar(terminal: Terminal, nowMilliseconds: () => number): ProgressBar {
  let first: { readonly done: number; readonly at: number } | undefined;
  const show = (text: string) =>
    void (terminal.isTTY && terminal.write(CLEAR_LINE + text.slice(0, (terminal.columns || 80) - 1)));
  const clear = () => void (terminal.isTTY && terminal.write(CLEAR_LINE));
  const line = (text: string) => {
    clear();
    terminal.write(`${fit(text, terminalWidth(terminal))}\n`);
  };
  return {
    line,
    draw(done, total, unit) {
      first ??= { done, at: nowMilliseconds() };
      const since = { done: done - first.done, seconds: (nowMilliseconds() - first.at) / 1000 };
      show(barText(done, total, unit, since));
    },
    waitOf: (budget) =>
      terminal.isTTY
        ? (seconds, answer) => show(`${barOf(seconds, budget)} ${Math.floor(seconds)}/${budget} s, ${answer}`)
        : waitLines(line),
    end: clear,
  };
}

/** `[##########..........] 20/40 pages, 2.5 pages/s, 8 s left`. */
export function barText(
  done: number,
  total: number,
  unit: string,
  since: { readonly done: number; readonly seconds: number },
): string {
  const bar = `${barOf(done, total)} ${done}/${total} ${unit}`;
  if (since.done <= 0 || since.seconds <= 0) return bar;
  const rate = since.done / since.seconds;
  return `${bar}, ${rate.toFixed(1)} ${unit}/s, ${Math.ceil((total - done) / rate)} s left`;
}

function barOf(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.min(BAR_CHARACTERS, Math.floor((done / total) * BAR_CHARACTERS));
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_CHARACTERS - filled)}]`;
}
