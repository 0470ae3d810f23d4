/** A text with commands in it: a page's code, or a string of the sources with `X` for what is filled in. */
export interface Shown {
  readonly where: string;
  readonly text: string;
}

/** Code of a page: what stands in fences, line by line, and between backticks. Lines that end in `\` are one. */
export function codeOf(page: string, markdown: string): Shown[] {
  // All fences are matched, so that the end of one is not taken for the beginning of the next.
  const fenced = [...markdown.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)]
    .filter(([, language = '']) => ['', 'sh', 'bash', 'shell'].includes(language))
    .flatMap(([, , code = '']) => code.replace(/\\\n\s*/g, ' ').split('\n'));
  const inline = [...markdown.replace(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, code = '']) => code,
  );
  return [...fenced, ...inline].map((text) => ({ where: page, text: text.replace(/\s#\s.*/, '') }));
}

/** Commands that begin with these words, without the prose around them. */
export function commandsOf({ text }: Shown, start: string): string[] {
  return [...text.matchAll(new RegExp(`(?<![\\w./=-])${start} (?=[a-z])([^\`]*)`, 'g'))].map(
    ([, rest = '']) => `${start} ${untilProse(rest)}`.trim(),
  );
}

/** A shell's words; a quoted one keeps its spaces. */
export const wordsOf = (command: string): string[] =>
  [...command.matchAll(/((?:[^\s"']|"[^"]*"|'[^']*')+)/g)].map(([, word = '']) => word.replace(/["']/g, ''));

/** Up to where a sentence goes on: `…; then`, `… (why)`, a closing bracket that nothing opened. */
function untilProse(rest: string): string {
  let depth = 0;
  let quote = '';
  for (let at = 0; at < rest.length; at++) {
    const sign = rest[at]!;
    if (quote) {
      if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '(') {
      if (rest[at - 1] === ' ') return rest.slice(0, at);
      depth++;
    } else if (sign === ')' && --depth < 0) return rest.slice(0, at);
    else if (
      depth === 0 &&
      /^(;|,\s|:\s|&&|\|\s|>>?\s|\.$|\.\s|\s(or|and|then|for|says|to|shows|puts|in|with|on|once|of|prints|is|wants|there|by) )/.test(
        rest.slice(at),
      )
    )
      return rest.slice(0, at);
  }
  return rest;
}
