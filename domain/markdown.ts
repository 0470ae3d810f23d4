/** Text of others in Markdown: each form is one that its content cannot leave. */

/** On one line, cut to a length: names and reasons, never values. */
export function oneLine(text: string, longest = 200): string {
  const flat = text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  return flat.length <= longest ? flat : `${flat.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Inline code: no Markdown, no mention, no HTML. */
export function span(text: string, longest?: number): string {
  const flat = oneLine(text, longest);
  const marks = ticks(flat, 1);
  return marks.length === 1 && flat !== '' ? `\`${flat}\`` : `${marks} ${flat} ${marks}`;
}

/** In bold; a word of others cannot end it. */
export const bold = (text: string) => `**${oneLine(text).replace(/[\\*_`[\]<>]/g, (sign) => `\\${sign}`)}**`;

/** In a cell of a table: a pipe would begin the next one, inside code too (GitHub Flavored Markdown 0.29, example 200). */
export const cell = (markdown: string) => markdown.replace(/\|/g, '\\|');

/** For a line that is HTML, such as a `<summary>`. */
export function html(text: string): string {
  return oneLine(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** A fenced block. */
export function fence(lines: readonly string[], language = ''): string {
  const content = lines.join('\n');
  const marks = ticks(content, 3);
  return `${marks}${language}\n${content}\n${marks}`;
}

/** At least so many backticks, and more than any run of them inside. */
function ticks(content: string, least: number): string {
  const longest = [...content.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 0);
  return '`'.repeat(Math.max(least, longest + 1));
}
