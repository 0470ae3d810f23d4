import { trafficChart } from '../../../domain/releases/trafficHistory';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const share = (revision: string, percent: number) => ({ revision, percent });

describe('trafficChart', () => {
  test('draws a line a revision over the moments', () => {
    const chart = trafficChart([
      { at: at(0), traffic: [share('a', 100)] },
      { at: at(61), traffic: [share('a', 90), share('b', 10), { revision: 'b', percent: 0, tag: 'c-b' }] },
      { at: at(700), traffic: [share('b', 100)] },
    ])!;
    expect(chart).toContain('x-axis ["0:00", "1:01", "11:40"]');
    expect(chart).toContain('line [100, 90, 0]\n  line [0, 10, 100]');
    expect(chart.split('\n').at(-1)).toBe('🟦 `a` · 🟧 `b`');
    expect(chart).toContain('"plotColorPalette": "#2f86c8, #d57a00, ');
  });
  test('says nothing where nothing moved', () => {
    expect(trafficChart([{ at: at(0), traffic: [] }])).toBeUndefined();
  });
});
