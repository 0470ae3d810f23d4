/** Where the bar is drawn: standard error, as far as it is a terminal. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressBar {
  /** A line that stays, above the bar. */
  line(this: void, text: string): void;
  /** The bar as it is now. */
  draw(this: void, done: number, total: number, label: string): void;
  /** Takes the bar away. */
  end(this: void): void;
}

const BAR_CHARACTERS = 20;
const CLEAR_LINE = '\r\x1b[2K';

/** A bar with rate and time left; nothing at all where there is no terminal, but for the lines. */
export function progressBar(terminal: Terminal, nowMilliseconds: () => number): ProgressBar {
  const started = nowMilliseconds();
  const clear = () => void (terminal.isTTY && terminal.write(CLEAR_LINE));
  return {
    line(text) {
      clear();
      terminal.write(`${text}\n`);
    },
    draw(done, total, label) {
      if (!terminal.isTTY) return;
      const text = barText(done, total, (nowMilliseconds() - started) / 1000, label);
      terminal.write(CLEAR_LINE + text.slice(0, (terminal.columns ?? 80) - 1));
    },
    end: clear,
  };
}

/** `[##########..........] 20/40 pages, 2.5 pages/s, 8 s left`. */
export function barText(done: number, total: number, seconds: number, label: string): string {
  const filled = total === 0 ? 0 : Math.min(BAR_CHARACTERS, Math.floor((done / total) * BAR_CHARACTERS));
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR_CHARACTERS - filled)}] ${done}/${total} ${label}`;
  if (done === 0 || seconds <= 0) return bar;
  const rate = done / seconds;
  return `${bar}, ${rate.toFixed(1)} ${label}/s, ${Math.ceil((total - done) / rate)} s left`;
}
