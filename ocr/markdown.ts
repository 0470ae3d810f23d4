import type { PageResult } from './pageResult';

/** Between two pages of a document: a rule, which no Markdown renderer takes for a heading. */
const PAGE_BREAK = '\n\n---\n\n';

/**
 * A document as Markdown. Pages that are missing are counted in a comment at its end. A page that is not whole says so in a comment above its text, so that nobody takes it for whole.
 * @param results pages of one document, in order.
 */
export function documentMarkdown(results: readonly PageResult[]): string {
  const all = results[0]?.pages ?? 0;
  const missing = all - results.length;
  const note = `<!-- ${missing} of ${all} pages are missing -->`;
  return `${[...results.map(pageMarkdown), ...(missing > 0 ? [note] : [])].join(PAGE_BREAK)}\n`;
}

/** One page as Markdown, without a line break at its end. */
export function pageMarkdown(result: PageResult): string {
  const text = result.text.trim();
  if (result.status === 'whole') return text;
  const what = result.error ? `${result.error.code}: ${result.error.message}` : result.warnings.join('; ');
  // Two hyphens would end the comment.
  const note = `<!-- page ${result.page} is ${result.status}: ${what.replaceAll('--', '- -')} -->`;
  return text === '' ? note : `${note}\n\n${text}`;
}
