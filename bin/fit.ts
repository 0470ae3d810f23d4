import { terminalWidth } from './table';

/** Words that a shell takes together: a quoted one keeps its spaces. */
const WORD = /(?:[^\s"']|"[^"]*"|'[^']*'|["'])+/g;
/** What stands in front of a text and is not repeated: a time, an arrow, a label with its gap. */
const LABEL = /^(?:\d\d:\d\d:\d\d |→ |- |\d+\. |\S+: {1,2}(?=\S)|\S(?: ?\S)*? {2,})/;
/** A label that takes more of the line leaves too little room beside it. */
const WIDEST_LABEL = 20;
/** A narrower text says nothing worth a line of its own. */
const LEAST_TEXT = 20;
const STEP = 2;
/** Lines that are a command to paste, and no sentence around one. */
const COMMAND = /^(?:bin\/lightonocr|gcloud|terraform|tofu|npm|gh|curl|export|[A-Z_]+=\S+) /;

/**
 * A text for people in lines of at most `width`: broken at spaces, further lines below the text of the first. A command keeps
 * working when it is pasted: its lines end in `\`. A word that is longer than the line stays whole, so that it can be copied.
 * @param width columns; default those of the terminal, and no limit where output is a pipe.
 */
export function fit(text: string, width = terminalWidth()): string {
  if (width === Infinity) return text;
  return text
    .split('\n')
    .flatMap((line) => (line.length <= width ? [line] : fitLine(line, width)))
    .join('\n');
}

function fitLine(line: string, width: number): string[] {
  const indent = /^ */.exec(line)![0].length;
  const label = labelOf(line.slice(indent));
  const text = line.slice(indent + label.length);
  const isCommand = COMMAND.test(text) && !/[,;:] /.test(text.replace(/"[^"]*"|'[^']*'/g, ''));
  const hang = indent + label.length + (isCommand || label === '' ? STEP : 0);
  const room = (at: number) => Math.max(LEAST_TEXT, width - at - (isCommand ? STEP : 0));
  const words = text.match(isCommand ? WORD : /\S+/g) ?? [];
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    const left = lines.length === 1 ? room(indent + label.length) : room(hang);
    if (last !== undefined && last.length + 1 + word.length <= left) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines.map(
    (part, at) =>
      (at === 0 ? ' '.repeat(indent) + label : ' '.repeat(hang)) +
      part +
      (isCommand && at < lines.length - 1 ? ' \\' : ''),
  );
}

function labelOf(text: string): string {
  const label = LABEL.exec(text)?.[0] ?? '';
  return label.length <= WIDEST_LABEL ? label : '';
}

/** Prints a text for people, fitted to the terminal that it goes to. */
export function print(text: string, output: NodeJS.WriteStream = process.stdout): void {
  output.write(`${fit(text, terminalWidth(output))}\n`);
}
