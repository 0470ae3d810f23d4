import { type MetricPoint, type Report, revisionsOf } from '../../domain/releases/report';
import { reportEvents, reportOutcome, servedSpans } from '../../domain/releases/reportEvents';
import { Html, html } from './html';
import { errorPlot, keyLine, latencyPlot, type Plot, trafficPlot } from './plots';

/** A table of one's own below the report's: the steps of a rehearsal. */
export interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const STYLE = new Html(`
:root { color-scheme: light dark; --page: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --box: #f6f8fa; --link: #0550ae; --good: #116329; --bad: #a40e26; --open: #7d4e00; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --ink: #e6edf3; --soft: #9da7b1; --line: #3d444d; --box: #161b22; --link: #79b8ff; --good: #56d364; --bad: #ff8b84; --open: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; color: var(--ink); background: var(--page); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 .5rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
a { color: var(--link); } small, figcaption { color: var(--soft); font-size: .875rem; }
.outcome { border: 1px solid var(--line); border-left: .4rem solid var(--open); background: var(--box); padding: .6rem 1rem; }
.outcome.good { border-left-color: var(--good); } .outcome.bad { border-left-color: var(--bad); }
.outcome p { margin: .3rem 0; } .outcome strong { font-size: 1.25rem; }
ol.served, ol.events { margin: .5rem 0; padding-left: 2rem; } ol.served { list-style: none; padding: 0; }
figure { margin: 0; } figure svg { display: block; max-width: 100%; height: auto; } figure text { fill: var(--ink) !important; }
.tablet, .wide { display: none; }
ul.key { list-style: none; padding: 0; margin: .5rem 0; } ul.key svg { margin-right: .4rem; }
summary { font-size: 1.1rem; font-weight: 600; margin: 1rem 0 .3rem; cursor: pointer; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; } th { text-align: left; }
th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.healthy, .good { color: var(--good); } .unhealthy, .no, .bad { color: var(--bad); } .inconclusive { color: var(--open); } .outcome { color: var(--ink); }
@media (max-width: 40rem) { table, tbody, tr, td { display: block; } thead { display: none; } tr { border-bottom: 1px solid var(--line); padding: .4rem 0; } td { border: 0; padding: .1rem 0; } td[data-head]::before { content: attr(data-head) ": "; color: var(--soft); } }
@media (min-width: 48rem) { .phone { display: none; } .tablet { display: block; } }
@media (min-width: 62rem) { .tablet { display: none; } .wide { display: block; } }
@media print { :root { --page: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --box: #fff; --good: #116329; --bad: #a40e26; --open: #7d4e00; } body { max-width: none; padding: 0; font-size: 11pt; } figure, tr { break-inside: avoid; } h2 { break-after: avoid; } .phone, .wide { display: none; } .tablet { display: block; } details::details-content { content-visibility: visible; height: auto; } }
`);

/** A report as one HTML page: no script, nothing loaded from anywhere. */
export function reportPage(report: Report, sections: readonly Section[] = []): string {
  const { deployment, service, from, to, gaps } = report;
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
          ${firstScreen(report)}
          <p><small>${clock(from)} to ${clock(to)}, UTC</small></p>
          ${gaps.length === 0 ? undefined : html`<p class="no"><strong>Not everything could be read.</strong> ${gaps.join('; ')}. What is missing below is not known; it does not mean that nothing happened.</p>`}
          <h2>Revisions</h2>
          <ul class="key">
            ${revisionsOf(report).map((revision) => html`<li>${new Html(keyLine(report, revision))}${revision}</li>`)}
          </ul>
          ${traffic(report)} ${events(report)} ${numbers(report)}
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
  return html`<figure role="img" aria-label="${label}">
    ${drawn('phone')}${drawn('tablet')}${drawn('wide')}
  </figure>`;
}

/** Did it go well, what served when, why it ended so, and where to look further. */
function firstScreen(report: Report): Html {
  const outcome = reportOutcome(report);
  const links = (report.links ?? []).map(({ name, url }) => html`<a href="${url}">${name}</a> `);
  return html`<section class="outcome ${outcome?.kind}" aria-label="Outcome">
    <p><strong>${outcome?.words ?? 'No release in this time'}</strong></p>
    ${outcome && html`<p>Why: ${outcome.why}</p>`}
    <p>${report.headline}</p>
    <ol class="served" aria-label="What served when">
      ${servedSpans(report)
        .slice(-MOST_SPANS)
        .map(({ from, to, traffic: shares }) => html`<li>${time(from)} to ${time(to)}: ${shares}</li>`)}
    </ol>
    ${links.length > 0 ? html`<p>${links}</p>` : undefined}
  </section>`;
}

/** On the first screen; the table of moves has them all. */
const MOST_SPANS = 6;
const time = (at: string) => at.slice(11, 19);

/** The numbers of the plots. */
function events(report: Report): Html {
  const found = reportEvents(report);
  return html`<h2>Events</h2>
    ${
      found.length === 0
        ? html`<p>None in this time.</p>`
        : html`<ol class="events">
            ${found.map(
              ({ at, what, revision, kind, why }) =>
                html`<li>
                  ${time(at)} <b class="${kind}">${what}</b>, ${revision}<br /><small>${why}</small>
                </li>`,
            )}
          </ol>`
    }`;
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
    <p><small>Traffic as requested by releases and rollbacks; manual changes are not recorded.</small></p>
    <details>
      <summary>Every move of traffic (${report.moves.length})</summary>
      ${rows(
        ['when', 'traffic', 'by'],
        report.moves.map(({ at, by }, index) => [clock(at), told[index]!, by]),
      )}
    </details>`;
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
  return html`<details>
    <summary>${title} (${cells.length})</summary>
    ${cells.length === 0 ? html`<p>None in this time.</p>` : rows(head, cells)}
  </details>`;
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
