import { type Report, revisionsOf } from '../../../domain/releases/report';
import { reportPage } from '../../../operate/report/page';
import { REPORT } from './example';

describe('reportPage', () => {
  test('loads nothing and runs nothing', () => {
    const page = reportPage(REPORT);
    expect(page).not.toMatch(
      /<script|<link|<img|<iframe|@import|url\((?!#)|src=["']|(?<!<a )href=["'](?!#)/i,
    );
  });

  test('escapes what others wrote', () => {
    const page = reportPage(REPORT, [{ title: '<b>', head: ['"'], rows: [['<img onerror=x>']] }]);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot;');
    expect(page).toContain('&lt;img onerror=x&gt;');
    expect(page).not.toMatch(/<b>|onerror=x>/);
  });

  test('says every plot in words', () => {
    const labels = [...reportPage(REPORT).matchAll(/<figure role="img" aria-label="([^"]+)"/g)];
    expect(labels.map(([, label]) => label)).toEqual([
      expect.stringMatching(/100 %; then .* 90 %, .* 10 %; then .* 50 %, .* 50 %; then .* 100 %$/),
      expect.stringMatching(/^Highest p95 latency: .* 7\.80 s; .* 7\.10 s$/),
      expect.stringMatching(/: .* 0 of 1170; .* 22 of 176$/),
    ]);
  });

  test('answers on its first screen: did it go well, why, what served when, and where to look further', () => {
    const links = [{ name: 'commit 5d6e7f8', url: 'https://github.com/o/r/commit/5d6e7f8' }];
    const page = reportPage({ ...REPORT, links });
    const screen = /<section class="outcome bad"[^]*?<\/section>/.exec(page)![0].replace(/\s+/g, ' ');
    expect(screen).toContain('<strong>Rolled back</strong>');
    expect(screen).toContain('Why: 6 of 20 failed');
    expect(screen).toMatch(/12:17:00 to 12:29:00: \S+ 50 %, \S+ 50 %<\/li>/);
    expect(screen).toContain('<a href="https://github.com/o/r/commit/5d6e7f8">commit 5d6e7f8</a>');
  });

  test('lists the events that the plots mark, by the same numbers', () => {
    const page = reportPage(REPORT);
    const listed = /<ol class="events">[^]*?<\/ol>/.exec(page)![0].match(/<li>/g)!.length;
    const [plot] = /<svg[^]*?<\/svg>/.exec(page.slice(page.indexOf('<figure')))!;
    const numbers = [...plot.matchAll(/<text[^>]*>(\d)<\/text>/g)].map(([, number]) => Number(number));
    expect(numbers.filter((number) => number <= listed)).toEqual(
      expect.arrayContaining(Array.from({ length: listed }, (_, at) => at + 1)),
    );
  });

  test('draws no line for a revision that has no traffic', () => {
    const [plot] = /<svg[^]*?<\/svg>/.exec(reportPage(REPORT).slice(reportPage(REPORT).indexOf('<figure')))!;
    const top = 46; // the grid's: 100 %
    const candidate = [...plot.matchAll(/<path d="([^"]+)" fill="none"[^>]*stroke="#D55E00"/g)].map(
      ([, d]) => d!,
    );
    expect(candidate.length).toBeGreaterThan(0);
    const [start = ''] = /^M[\d.]+ [\d.]+/.exec(candidate[0]!) ?? [];
    // It begins where it gets its first share, and ends where it loses the last.
    expect(Number(start.slice(1).split(' ')[0])).toBeGreaterThan(44);
    expect(Number(/L([\d.]+) [\d.]+$/.exec(candidate.at(-1)!)![1])).toBeLessThan(300);
    expect(start).toContain(` ${top}`);
  });

  test('tells a pointer what served, without script or network', () => {
    expect(reportPage(REPORT)).toMatch(/<title>12:17:00 to 12:29:00: \S+ 50 %, \S+ 50 %<\/title>/);
  });

  test('says whose moves of traffic it shows', () => {
    expect(reportPage(REPORT)).toContain('manual changes are not recorded');
  });

  test('has a key of the lines as every plot draws them, which differ without colours and are printed', () => {
    const page = reportPage(REPORT);
    const [key = '', ...rest] = /<ul class="key">.*?<\/ul>/s.exec(page) ?? [];
    expect(rest).toEqual([]);
    const plots = page.replace(key, '');
    const lines = [...key.matchAll(/<path[^>]* stroke="(#\w{6})"[^>]*\/><\/svg>([\w-]+)</g)].map(
      ([line, colour = '', revision]) => ({
        revision,
        colour: colour.toLowerCase(),
        dash: /stroke-dasharray="([\d,]+)"/.exec(line)?.[1],
      }),
    );
    expect(lines.map(({ revision }) => revision)).toEqual(revisionsOf(REPORT));
    for (const mark of ['colour', 'dash'] as const)
      expect(new Set(lines.map((line) => line[mark])).size).toBe(lines.length);
    for (const { colour, dash } of lines) {
      const drawn = [...plots.matchAll(/<path[^>]*fill="none"[^>]*>/g)]
        .map(([path]) => path)
        .filter((path) => path.toLowerCase().includes(`stroke="${colour}"`));
      // Three plots, each drawn for three widths.
      expect(drawn).toHaveLength(9);
      expect(drawn.map((path) => /stroke-dasharray="([\d,]+)"/.exec(path)?.[1])).toEqual(Array(9).fill(dash));
    }
  });

  const without = (change: Partial<Report>) => reportPage({ ...REPORT, ...change });

  test('does not call what it could not read good', () => {
    expect(without({ metrics: {}, gaps: ['Cloud Monitoring was not read: 403'] })).toMatch(
      /Not everything could be read.*403.*does not mean that nothing happened/s,
    );
  });

  test('says so where nothing happened', () => {
    const page = without({ metrics: {}, moves: [], judgements: [], releases: [] });
    expect(page).toContain('notes no move of traffic');
    expect(page).toContain('Cloud Monitoring has no requests');
    expect(page).not.toContain('<svg');
  });
});
