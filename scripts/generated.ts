import { join } from 'node:path';

/** A part of a page that is made from code; the prose around it is a person's. */
export interface GeneratedPage {
  /** Absolute path. */
  readonly file: string;
  /** The page as it should be, from the page as it is. */
  readonly text: (current: string) => string;
}

const END = '<!-- end -->';

/**
 * A page whose part between `<!-- made from SOURCE by npm run docs -->` and `<!-- end -->` is what `make` returns.
 * @throws Error when the page has no such part.
 */
export function generatedPage(name: string, source: string, make: () => string): GeneratedPage {
  const file = join(__dirname, '..', 'docs', name);
  const begin = `<!-- made from ${source} by npm run docs -->`;
  return {
    file,
    text: (current) => {
      const [before, rest] = current.split(begin);
      const after = rest?.split(END)[1];
      if (before === undefined || after === undefined) throw new Error(`${file} has no ${begin} … ${END}`);
      return `${before}${begin}\n\n${make()}\n\n${END}${after}`;
    },
  };
}

/** A Markdown table; a pipe in a cell stays in its cell. */
export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

export const markdownCode = (text: string): string => `\`${text}\``;
