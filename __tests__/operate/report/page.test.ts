import type { Report } from '../../../domain/releases/report';
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

  test('draws a revision in one colour everywhere, and the key names it', () => {
    const page = reportPage(REPORT);
    const [, colour = ''] = /background:(#\w{6})"><\/i>lightonocr-gpu-5d6e7f8/.exec(page) ?? [];
    expect(colour).toMatch(/^#/);
    // In the key, and twice in each of three plots at least.
    expect(page.toLowerCase().split(colour.toLowerCase()).length - 1).toBeGreaterThanOrEqual(7);
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
