import { usd } from '../cost/cost';
import type { Comparison, SideSummary } from './comparison';

/** Pages that are named, those that changed most; the rest is a number. */
const SHOWN_PAGES = 20;

export const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${(share * 100).toFixed(1)} %`;

/** The two sides, a row a number. */
export function sideRows({ served, candidate }: Comparison): string[][] {
  const row = (what: string, of: (side: SideSummary) => string) => [what, of(served), of(candidate)];
  return [
    row('model', ({ model }) => model),
    row('pages', ({ pages }) => String(pages)),
    row('read whole', ({ whole }) => String(whole)),
    row('mean error rate, where a truth lies beside', ({ errorRate }) => percent(errorRate)),
    row('pages a second, as asked here', ({ pagesPerSecond }) => pagesPerSecond.toFixed(2)),
    row('USD for 1,000 pages, one instance at that rate', ({ usdPerThousandPages }) =>
      usdPerThousandPages === undefined ? 'price not known' : usd(usdPerThousandPages),
    ),
  ];
}

/**
 * For the review of a pull request. Has numbers and names of files, and no text of a page: a comment is read by more people
 * than the pages.
 */
export function comparisonMarkdown(comparison: Comparison): string {
  const { served, candidate, pages } = comparison;
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
    [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');
  const most = [...pages].sort((a, b) => (b.changed ?? 0) - (a.changed ?? 0));
  const rows = most
    .slice(0, SHOWN_PAGES)
    .map((page) => [
      `${page.document}, ${page.page}`,
      percent(page.changed),
      `${page.served.status}, ${percent(page.served.errorRate)}`,
      `${page.candidate.status}, ${percent(page.candidate.errorRate)}`,
    ]);
  const same = pages.filter(({ changed }) => changed === 0).length;
  return [
    `### ${candidate.revision} against ${served.revision}`,
    table(['', served.revision, candidate.revision], sideRows(comparison)),
    `${same} of ${pages.length} pages have the same text. Those that changed most:`,
    table(['page', 'changed', 'served: status, errors', 'candidate: status, errors'], rows),
    ...(most.length > SHOWN_PAGES ? [`And ${most.length - SHOWN_PAGES} more.`] : []),
  ].join('\n\n');
}
