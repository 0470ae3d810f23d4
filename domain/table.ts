const INDENT = '  ';
/** Between two columns. */
const GAP = '  ';
/** A column of fewer characters says nothing worth a line of its own. */
const LEAST_TEXT = 20;

/** Also none: a cell that does not apply. */
const NUMBER = /^(?:[+-]?\d[\d,.]*)?$/;

/**
 * A titled table, a line per row; nothing where there are no rows. Where it is wider than the terminal the widest of the later
 * columns leave the row and stand below it, a line each and wrapped at words, so that no line is cut or wrapped by the terminal.
 * Columns of numbers alone stand to the right.
 * @param width columns of the terminal; default: no limit.
 */
export function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width = Infinity,
): string[] {
  if (rows.length === 0) return [];
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]!.length)));
  const numeric = head.map((_, column) => column > 0 && rows.every((row) => NUMBER.test(row[column]!)));
  const inRow = columnsInRow(widths, width);
  const below = head.map((_, column) => column).filter((column) => !inRow.includes(column));
  const line = (cells: readonly string[]) =>
    INDENT +
    inRow
      .map((column) =>
        numeric[column] ? cells[column]!.padStart(widths[column]!) : cells[column]!.padEnd(widths[column]!),
      )
      .join(GAP)
      .trimEnd();
  const block = (cells: readonly string[]) => [
    line(cells),
    ...below
      .filter((column) => cells[column] !== '')
      .flatMap((column) => wrapped(`${head[column]}: ${cells[column]}`, INDENT + INDENT, width)),
  ];
  return ['', `${title}:`, line(head), ...rows.flatMap(block)];
}

/** The columns that fit beside each other: the widest but the first leaves until the rest fits. */
function columnsInRow(widths: readonly number[], width: number): number[] {
  let columns = widths.map((_, column) => column);
  const needed = () =>
    INDENT.length + columns.reduce((sum, column) => sum + widths[column]! + GAP.length, -GAP.length);
  while (columns.length > 1 && needed() > width) {
    const [, ...later] = columns;
    const widest = later.reduce((best, column) => (widths[column]! > widths[best]! ? column : best));
    columns = columns.filter((column) => column !== widest);
  }
  return columns;
}

/** The text in lines of at most `width`, broken at spaces; a longer word keeps its line whole, so that it can be copied. */
function wrapped(text: string, indent: string, width: number): string[] {
  const room = Math.max(LEAST_TEXT, width - indent.length - INDENT.length);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, at) => (at === 0 ? indent : indent + INDENT) + line);
}
