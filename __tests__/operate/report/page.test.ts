import { type Report, revisionsOf } from '../../../domain/releases/report';
import { reportPage } from '../../../operate/report/page';
import { REPORT } from './example';

describe('reportPage', () => {
  test('loads nothing and runs nothing', () => {
    const page = reportPage(REPORT);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)|(src|href)=["'](?!#)/i);
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

  test('says whose moves of traffic it shows', () => {
    expect(reportPage(REPORT)).toContain('what somebody moved by hand is not noted');
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
      // Three plots, each drawn twice.
      expect(drawn).toHaveLength(6);
      expect(drawn.map((path) => /stroke-dasharray="([\d,]+)"/.exec(path)?.[1])).toEqual(Array(6).fill(dash));
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
