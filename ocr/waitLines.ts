/** Seconds between the first two lines that say the same; from then on each pause is at least twice as long. */
const FIRST_PAUSE_SECONDS = 10;

/**
 * The lines of a wait where they stay, as in a log: one for every answer that was not seen before, and else one in 10 s,
 * 20 s, 40 s, … of the wait: seven in the 480 s of a cold start, not a hundred.
 * @returns `onWait` of `WarmUpOptions`.
 */
export function waitLines(say: (line: string) => void): (seconds: number, answer: string) => void {
  const seen = new Set<string>();
  let due = 0;
  return (seconds, answer) => {
    if (seen.has(answer) && seconds < due) return;
    seen.add(answer);
    due = Math.max(FIRST_PAUSE_SECONDS, 2 * seconds);
    say(`waiting for the model, ${seconds.toFixed(0)} s (${answer})`);
  };
}
