import { distance } from 'fastest-levenshtein';

/** Tags that a page's Markdown may hold. A list, because `<lazy>` in a page's own text is text. */
const HTML_TAG =
  /<\/?(?:a|b|blockquote|br|caption|code|col|colgroup|div|em|figure|figcaption|h[1-6]|hr|i|img|li|ol|p|pre|s|small|span|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul)(?:\s[^<>]*)?\/?>/gi;
const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  nbsp: ' ',
  amp: '&',
};

/** In this order: blocks before lines, lines before what stands within them, escapes last. */
const MARKS: readonly (readonly [what: string, mark: RegExp, text: string])[] = [
  ['comment', /<!--[\s\S]*?-->/g, ' '],
  ['HTML tag', HTML_TAG, ' '],
  ['code fence', /^[ \t]*(?:```|~~~).*$/gm, ' '],
  [
    'rule between head and body of a table',
    /^[ \t]*\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)*\|?[ \t]*$/gm,
    ' ',
  ],
  ['horizontal rule', /^[ \t]*(?:\*[ \t]*){3,}$|^[ \t]*(?:_[ \t]*){3,}$/gm, ' '],
  ['quote', /^[ \t]*(?:>[ \t]?)+/gm, ''],
  ['heading', /^[ \t]{0,3}#{1,6}[ \t]+/gm, ''],
  ['list mark', /^[ \t]*[-*+•][ \t]+/gm, ''],
  ['image or link', /!?\[([^\]]*)\]\([^)\s]*(?:\s"[^"]*")?\)/g, '$1'],
  ['displayed formula', /\$\$([\s\S]+?)\$\$/g, '$1'],
  // Pandoc's rule: no space inside the dollars and no digit after them, so that `$5 and $6` stays an amount.
  ['formula', /(?<!\\)\$(?!\s)([^$\n]*[^$\s\\])\$(?!\d)/g, '$1'],
  ['bold or struck', /(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1/g, '$2'],
  ['italic', /(?<!\\)\*(?=[^\s*])([^*\n]+?)(?<=[^\s\\])\*/g, '$1'],
  ['italic', /(?<![\w\\])_(?=[^\s_])([^_\n]+?)(?<=[^\s\\])_(?!\w)/g, '$1'],
  ['code', /`([^`\n]+)`/g, '$1'],
];

/** A row of a table loses its bars; a bar in running text stays. */
const TABLE_ROW = /^[ \t]*\|.*\|[ \t]*$/gm;

/**
 * The text of a page without Markdown's marks (headings, emphasis, tables, lists, code, HTML, `$` around formulas), white
 * space folded to single spaces and characters composed (NFC). Numbers of a numbered list are text: they stand on the page.
 */
export function plainText(markdown: string): string {
  return MARKS.reduce((text, [, mark, replacement]) => text.replace(mark, replacement), markdown)
    .replace(TABLE_ROW, (row) => row.replace(/(?<!\\)\|/g, ' '))
    .replace(/\\([\\`*_{}[\]()#+\-.!|$<>~])/g, '$1')
    .replace(/&(lt|gt|quot|#39|nbsp|amp);/g, (_entity, name: string) => ENTITIES[name] as string)
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * Levenshtein distance between the plain texts, over the length of the expected one: 0 is the same text, and it may
 * exceed 1 when the actual text is much longer.
 * @throws RangeError when the expected text is empty: no rate is defined.
 */
export function characterErrorRate(expected: string, actual: string): number {
  const wanted = plainText(expected);
  if (wanted === '')
    throw new RangeError('the expected text is empty: a character error rate is not defined');
  return distance(wanted, plainText(actual)) / wanted.length;
}
