import { type MetricPoint, type Report, revisionsOf } from '../../domain/releases/report';
import { Html, html } from './html';
import { errorPlot, keyLine, latencyPlot, type Plot, trafficPlot } from './plots';

/** A table of one's own below the report's: the steps of a rehearsal. */
export interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const STYLE = new Html(`
:root { color-scheme: light; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; color: var(--ink); background: #fff; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
p.lead { font-size: 1.1rem; } small, figcaption { color: var(--soft); font-size: .875rem; }
figure { margin: 0; } figure svg { display: block; max-width: 100%; height: auto; }
.wide { display: none; }
ul.key { list-style: none; padding: 0; margin: .5rem 0; } ul.key svg { margin-right: .4rem; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; } th { text-align: left; }
th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.healthy { color: #116329; } .unhealthy, .no { color: #a40e26; } .inconclusive { color: #7d4e00; }
@media (max-width: 40rem) { table, tbody, tr, td { display: block; } thead { display: none; } tr { border-bottom: 1px solid var(--line); padding: .4rem 0; } td { border: 0; padding: .1rem 0; } td[data-head]::before { content: attr(data-head) ": "; color: var(--soft); } }
@media (min-width: 60rem) { .phone { display: none; } .wide { display: block; } }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } figure, tr { break-inside: avoid; } h2 { break-after: avoid; } .wide { display: block; } .phone { display: none; } }
`);

/** A report as one HTML page: no script, nothing loaded from anywhere. */
export function reportPage(report: Report, sections: readonly Section[] = []): string {
  const { deployment, service, from, to, headline, gaps } = report;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Release report: ${deployment}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <main>
          <h1>Release report: ${service} (${deployment})</h1>
          <p class="lead">${headline}</p>
          <p><small>${clock(from)} to ${clock(to)}, UTC</small></p>
          ${gaps.length === 0 ? undefined : html`<p class="no"><strong>Not everything could be read.</strong> ${gaps.join('; ')}. What is missing below is not known; it does not mean that nothing happened.</p>`}
          <h2>Revisions</h2>
          <ul class="key">
            ${revisionsOf(report).map((revision) => html`<li>${new Html(keyLine(report, revision))}${revision}</li>`)}
          </ul>
          ${traffic(report)} ${numbers(report)}
          ${table({
            title: 'Decisions',
            head: ['when', 'to serve', 'by', 'why'],
            rows: report.decisions.map(({ at, revision, by, reason }) => [clock(at), revision, by, reason]),
          })}
          ${table({
            title: 'Verdicts',
            head: ['when', 'revision', 'step', 'verdict', 'why'],
            rows: report.judgements.map(({ at, revision, percent, state, reasons }) => [
              clock(at),
              revision,
              percent === 0 ? 'smoke test at 0 %' : `${percent} %`,
              state,
              reasons.join('; '),
            ]),
          })}
          ${table({
            title: 'Releases',
            head: ['started', 'commit', 'revision', 'ended as', 'by', 'why'],
            rows: report.releases.map(({ startedAt, sha, revision, state, by, reason }) => [
              clock(startedAt),
              sha.slice(0, 7),
              revision,
              state,
              by,
              reason ?? '',
            ]),
          })}
          ${sections.map(table)}
        </main>
      </body>
    </html> `.text;
}

/** `2026-01-01 14:03:07`. */
const clock = (at: string) => `${at.slice(0, 10)} ${at.slice(11, 19)}`;

function figure(plot: Plot, label: string): Html {
  const drawn = (kind: keyof Plot) => html`<div class="${kind}">${new Html(plot[kind])}</div>`;
  return html`<figure role="img" aria-label="${label}">${drawn('phone')}${drawn('wide')}</figure>`;
}

function traffic(report: Report): Html {
  if (report.moves.length === 0)
    return html`<h2>Traffic</h2>
      <p>The ledger notes no move of traffic in this time.</p>`;
  const told = report.moves.map(
    ({ shares }) => shares.map(({ revision, percent }) => `${revision} ${percent} %`).join(', ') || 'nothing',
  );
  return html`<h2>Traffic</h2>
    ${figure(trafficPlot(report), `Share of the traffic over time: ${told.join('; then ')}`)}
    <p><small>As releases and rollbacks asked for it: what somebody moved by hand is not noted.</small></p>
    ${rows(
      ['when', 'traffic', 'by'],
      report.moves.map(({ at, by }, index) => [clock(at), told[index]!, by]),
    )}`;
}

function numbers(report: Report): Html {
  const measured = revisionsOf(report).filter((revision) => report.metrics[revision]?.length);
  if (measured.length === 0)
    return html`<h2>Latency and errors</h2>
      <p>${report.gaps.length === 0 ? 'Cloud Monitoring has no requests in this time.' : 'Not known.'}</p>`;
  const summary = measured.map((revision) => totalsOf(revision, report.metrics[revision]!));
  const say = (pick: (total: (typeof summary)[number]) => string) =>
    summary.map((total) => `${total.revision} ${pick(total)}`).join('; ');
  return html`<h2>Latency</h2>
    ${figure(latencyPlot(report), `Highest p95 latency: ${say(({ latency }) => latency)}`)}
    <h2>Errors</h2>
    ${figure(errorPlot(report), `Answers that are 5xx: ${say(({ errors, requests }) => `${errors} of ${requests}`)}`)}
    ${rows(
      ['revision', 'requests', '5xx', '429', 'highest p95'],
      summary.map(({ revision, requests, errors, throttled, latency }) =>
        [revision, requests, errors, throttled, latency].map(String),
      ),
    )}`;
}

function totalsOf(revision: string, points: readonly MetricPoint[]) {
  const sum = (key: 'requests' | 'errors' | 'throttled') =>
    points.reduce((total, point) => total + point[key], 0);
  const latencies = points.flatMap(({ p95Seconds }) => p95Seconds ?? []);
  return {
    revision,
    requests: sum('requests'),
    errors: sum('errors'),
    throttled: sum('throttled'),
    latency: latencies.length === 0 ? 'not known' : `${Math.max(...latencies).toFixed(2)} s`,
  };
}

function table({ title, head, rows: cells }: Section): Html {
  return html`<h2>${title}</h2>
    ${cells.length === 0 ? html`<p>None in this time.</p>` : rows(head, cells)}`;
}

function rows(head: readonly string[], cells: readonly (readonly string[])[]): Html {
  const cell = (text: string, at: number) => {
    const mark = /^(un)?healthy$|^inconclusive$|^no$/.test(text) ? html` class="${text}"` : undefined;
    return html`<td data-head="${head[at]}" ${mark}>${text}</td>`;
  };
  return html`<table>
    <thead>
      <tr>
        ${head.map((name) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${cells.map(
        (row) =>
          html`<tr>
            ${row.map(cell)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}
