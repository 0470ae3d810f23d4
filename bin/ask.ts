import { createInterface } from 'node:readline/promises';
import type { Terminal } from './confirm';

/** One question at a terminal; its answer is one line. */
export interface Question<Key extends string> {
  readonly key: Key;
  readonly question: string;
  /** Taken for an empty answer. */
  readonly otherwise: string;
}

/** Asks one after the other. The end of the input leaves the rest as it is. */
export async function ask<Key extends string>(
  questions: readonly Question<Key>[],
  { input, output }: Terminal,
): Promise<Partial<Record<Key, string>>> {
  const terminal = createInterface({ input, output });
  const ended = new AbortController();
  for (const event of ['SIGINT', 'close'] as const) terminal.once(event, () => ended.abort());
  const answers: Partial<Record<Key, string>> = {};
  try {
    for (const { key, question, otherwise } of questions) {
      const shown = otherwise === '' ? `${question}: ` : `${question} [${otherwise}]: `;
      answers[key] = (await terminal.question(shown, { signal: ended.signal })).trim() || otherwise;
    }
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  } finally {
    terminal.close();
  }
  return answers;
}
