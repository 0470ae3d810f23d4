import { percent, sideRows } from '../../domain/compare/comparisonMarkdown';
import type { Comparison, PageComparison } from '../../domain/compare/comparison';
import { html } from '../report/html';

const MARKS = { served: '−', candidate: '+', both: ' ' } as const;

/** One HTML page that needs nothing else: both sides' numbers, and each page's lines, those that changed in colour. */
export function comparisonPage(comparison: Comparison): string {
  const { served, candidate, pages } = comparison;
  const title = `${candidate.revision} against ${served.revision}`;
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          body {
            font:
              16px/1.5 system-ui,
              sans-serif;
            max-width: 70rem;
            margin: 2rem auto;
            padding: 0 1rem;
            color-scheme: light dark;
          }
          table {
            border-collapse: collapse;
          }
          td,
          th {
            border: 1px solid #8888;
            padding: 0.3rem 0.6rem;
            text-align: left;
          }
          pre {
            white-space: pre-wrap;
            border: 1px solid #8888;
            padding: 0.5rem;
          }
          .served {
            background: #d7302733;
          }
          .candidate {
            background: #1a985033;
          }
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        <table>
          <tr>
            <th></th>
            <th>${served.revision}</th>
            <th>${candidate.revision}</th>
          </tr>
          ${sideRows(comparison).map(
            (cells) =>
              html`<tr>
                ${cells.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </table>
        <p>
          Lines with − are what serves, lines with + the candidate. Changed: characters, against what serves,
          marks of Markdown left out.
        </p>
        ${pages.map(pagePart)}
      </body>
    </html>`.text;
}

const pagePart = ({ document, page, changed, served, candidate, lines }: PageComparison) =>
  html`<section>
    <h2>${document}, page ${page}: ${percent(changed)} changed</h2>
    <p>
      What serves: ${served.status}, errors ${percent(served.errorRate)}. Candidate: ${candidate.status},
      errors ${percent(candidate.errorRate)}.
    </p>
    <pre>${lines.map((each) => html`<div class="${each.in}">${MARKS[each.in]} ${each.line}</div>`)}</pre>
  </section>`;
