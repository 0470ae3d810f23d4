import { misses, type OcrCosts } from '../../scripts/bench/ocr';

const load = (pages: number, seconds: number, peakMib = 300) => ({
  pages,
  seconds,
  sustained: pages / seconds,
  peakMib,
});
const COSTS: OcrCosts = { bare: load(64, 36), client: load(64, 37), many: load(500, 60) };

describe('misses of the OCR section', () => {
  test('none when the client keeps up with the bare loop', () => {
    expect(misses(COSTS)).toEqual([]);
  });

  test.each<[what: string, costs: Partial<OcrCosts>, miss: string]>([
    ['a client at 0.94 of the loop', { client: load(64, 36 / 0.94) }, 'pages/s: 0.940'],
    ['650 MB', { many: load(500, 60, 640) }, '671 MB on 500 pages'],
    ['lost pages, however fast', { client: load(63, 30) }, 'pages were lost'],
    ['lost pages of the many', { many: load(499, 60) }, 'pages were lost'],
  ])('names %s', (_what, costs, miss) => {
    expect(misses({ ...COSTS, ...costs })).toEqual([expect.stringContaining(miss)]);
  });
});
