import { table as tableOf } from '../domain/table';

/** Columns of the terminal that standard output is; no limit where it is a pipe or a file, so that scripts read whole rows. */
export const terminalWidth = (output: { isTTY?: boolean; columns?: number } = process.stdout) =>
  output.isTTY && output.columns ? output.columns : Infinity;

/** A table that fits the terminal of standard output. */
export const table = (
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width = terminalWidth(),
): string[] => tableOf(title, head, rows, width);
