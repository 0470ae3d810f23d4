/**
 * Formulas whose dollars the model escaped: `\$x^2\$` becomes `$x^2$`. Only backslashes in front of dollars go; prices, code,
 * links and tables stay as they are. LightOnOCR-3 writes so, and its makers' client repairs it likewise
 * (https://github.com/lightonai/LightOnOCR, `postprocess/`). What could be either is left alone.
 */
export function unescapeMath(text: string): string {
  let written = '';
  let at = 0;
  for (const { index, 0: found } of text.matchAll(UNTOUCHED)) {
    written += inProse(text.slice(at, index)) + found;
    at = index + found.length;
  }
  return written + inProse(text.slice(at));
}

/** Fenced and inline code, HTML tags and comments, addresses, targets of links, and formulas that are whole. */
const UNTOUCHED =
  /^ {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\1[^\n]*$|(?![\s\S]))|`[^`\n]+`|<!--[\s\S]*?-->|<\/?[a-z][^>\n]*>|https?:\/\/[^\s<>]+|\]\([^)\n]*\)|(?<!\\)\$\$[\s\S]*?(?<!\\)\$\$|\\\([\s\S]*?\\\)|\\\[[\s\S]*?\\\]/gim;

/** A dollar, escaped or not; not one of two. */
const DOLLAR = /(?<![\\$])\\?\$(?!\$)/g;

function inProse(text: string): string {
  const dollars = [...text.matchAll(DOLLAR)];
  let written = '';
  let at = 0;
  for (let each = 0; each + 1 < dollars.length; each++) {
    const [left, right] = [dollars[each]!, dollars[each + 1]!];
    const from = left.index + left[0].length;
    const body = text.slice(from, right.index);
    const escapes = [left, right].filter(([mark]) => mark.startsWith('\\')).length;
    const around = { before: text.slice(at, left.index), after: text.slice(right.index + right[0].length) };
    if (escapes === 0 ? !isFormula(body) : !isMeant(body, around, escapes)) continue;
    written += `${text.slice(at, left.index)}$${body}$`;
    at = right.index + right[0].length;
    each++;
  }
  return written + text.slice(at);
}

const STARTS_WITH_NUMBER = /^\s*[+−-]?\s*[\d.,]/;

/** Whether two dollars, one of them escaped at least, belong to one formula. */
function isMeant(
  body: string,
  { before, after }: { before: string; after: string },
  escapes: number,
): boolean {
  // US$, HK$: a currency's code is glued to it.
  if (/(?<![A-Za-z])[A-Z]{1,3}$/.test(before)) return false;
  if (!isFormula(body)) return false;
  if (!STARTS_WITH_NUMBER.test(body)) return true;
  // From here on it may be two prices.
  return (
    escapes === 2 && body === body.trim() && !/[A-Za-z]{2,}/.test(plain(body)) && !/^\s*[\d.,]/.test(after)
  );
}

/** The formula without its commands and their arguments, which may hold words: `\text{if so}`. */
function plain(body: string): string {
  let rest = body;
  let before;
  do {
    before = rest;
    rest = rest.replace(/(\\[A-Za-z]+\*?\s*)\{[^{}]*\}/g, '$1 ');
  } while (rest !== before);
  return rest.replace(/\\[A-Za-z]+\*?|\\./g, ' ');
}

/** Lexical evidence that this is a formula and no prose; no proof. */
function isFormula(body: string): boolean {
  const inside = body.trim();
  if (inside === '' || /\n\s*\n|<\/|<td/i.test(body)) return false;
  if (/\n/.test(body) && !/^\s*\\begin\{/.test(body)) return false;
  if (/^[,;]/.test(inside) || !isBalanced(inside)) return false;
  if (/^\p{L}{2,}$/u.test(inside)) return false;
  // Two words beside each other, one of more than a letter, are prose.
  const words = plain(inside).match(/\p{L}+|[^\p{L}\s]/gu) ?? [];
  const isWord = (word: string | undefined) => word !== undefined && /^\p{L}/u.test(word);
  return !words.some(
    (word, index) =>
      isWord(word) && isWord(words[index + 1]) && Math.max(word.length, words[index + 1]!.length) > 1,
  );
}

/** Braces and brackets; half-open intervals, `[a, b)`, are balanced too. */
function isBalanced(text: string): boolean {
  for (const [open, close] of [
    ['{', '}'],
    ['([', ')]'],
  ] as const) {
    let depth = 0;
    for (const mark of text.replace(/\\./g, '')) {
      if (open.includes(mark)) depth++;
      else if (close.includes(mark)) depth--;
      if (depth < 0) return false;
    }
    if (depth !== 0) return false;
  }
  return true;
}
