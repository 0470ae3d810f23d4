import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { Failure } from '../domain/failure';

export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  /** Standard error: what a command prints for others stays clean. */
  readonly output: Writable;
}

/**
 * Asks a person before something is changed. Only `y` or `yes` goes on; a script says so with `--yes`.
 * @throws Failure `NOT_CONFIRMED`, exit code 2: nobody to ask, another answer, Ctrl-C or the end of the input.
 */
export async function confirm(
  lines: readonly string[],
  yes: boolean,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (yes) return;
  if (!input.isTTY) throw notConfirmed('There is no terminal to ask at.');
  output.write(`${lines.join('\n')}\n`);
  const left = new AbortController();
  const terminal = createInterface({ input, output });
  for (const event of ['SIGINT', 'close'] as const) terminal.once(event, () => left.abort());
  try {
    const answer = await terminal.question('Go on? [y/N] ', { signal: left.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch (error) {
    if (!left.signal.aborted) throw error;
  } finally {
    terminal.close();
  }
  throw notConfirmed('Nobody said yes.');
}

function notConfirmed(message: string): Failure {
  return new Failure({
    code: 'NOT_CONFIRMED',
    message: `${message} Nothing was changed.`,
    where: 'the question before a change',
    remedy: 'answer yes, or say it beforehand with --yes',
    exitCode: 2,
  });
}
