import { estimatePages, type SampledDocument, type SampledStratum } from '../../../domain/batch/estimate';
import { studentT } from '../../../domain/batch/interval';
import { sizeClass } from '../../../domain/batch/kinds';
import { type Random, random } from '../../../domain/random';

const stratum = (documents: number, sampled: SampledDocument[]): SampledStratum => ({
  ...{ kind: 'pdf', size: 'to 4 MiB', documents, bytes: documents * 1000 },
  sampled,
});
const whole = (text: number, gpu: number, bytes = 1000): SampledDocument => ({
  ...{ bytes, pages: text + gpu, looked: text + gpu, text, gpu },
});

describe('studentT', () => {
  // Any table of the distribution, two-sided 5 %.
  test.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [1e9, 1.96],
  ])('at %d degrees of freedom is %d', (degrees, expected) => {
    expect(Math.abs(studentT(degrees) - expected)).toBeLessThan(0.011);
  });
});

describe('estimatePages', () => {
  test('is exact where every page was looked at', () => {
    const broken = { bytes: 1000, pages: 0, looked: 0, text: 0, gpu: 0, unreadable: 'ENCRYPTED_DOCUMENT' };
    const { pages, textPages, gpuPages, unreadable } = estimatePages([
      stratum(3, [whole(2, 1), whole(0, 7), broken]),
      stratum(1, [whole(0, 1)]),
    ]);
    expect(pages).toEqual({ value: 11, low: 11, high: 11 });
    expect(textPages).toEqual({ value: 2, low: 2, high: 2 });
    expect(gpuPages).toEqual({ value: 9, low: 9, high: 9 });
    expect(unreadable).toEqual({ value: 1, low: 1, high: 1 });
  });

  test('is the textbook’s: N times the mean, and its standard error times t', () => {
    // N 100, sample 1, 2, 3, 4, 5: mean 3, s² 2.5, se = 100 √(0.95 × 2.5 / 5) = 68.92; t(4) = 2.776.
    const { pages } = estimatePages([
      stratum(
        100,
        [1, 2, 3, 4, 5].map((count) => whole(0, count)),
      ),
    ]);
    expect(pages.value).toBe(300);
    expect(pages.high).toBeCloseTo(300 + 2.776 * 68.92, -1);
    expect(pages.low).toBeCloseTo(300 - 2.776 * 68.92, -1);
  });

  test('says less of a document of which a part was looked at', () => {
    const { pages, gpuPages } = estimatePages([
      stratum(1, [{ bytes: 1000, pages: 100, looked: 8, text: 4, gpu: 4 }]),
    ]);
    expect(pages).toEqual({ value: 100, low: 100, high: 100 });
    expect(gpuPages.value).toBe(50);
    expect(gpuPages.low).toBeLessThan(50);
    expect(gpuPages.high).toBeGreaterThan(50);
  });

  test('is never below what was seen', () => {
    const { pages } = estimatePages([stratum(10, [whole(0, 1), whole(0, 400)])]);
    expect(pages.low).toBe(401);
  });

  // What the interval promises, on populations as they are: how often it holds the truth, of 400 samples of 40 of 5,000.
  test.each([
    [
      'letters, whose pages differ little',
      0.92,
      0.2,
      (next: Random) => [1 + next.below(6), 1000 + next.below(9000)],
    ],
    ['scans, a long tail of pages that goes with the size', 0.92, 0.12, scanned],
    [
      'a long tail of pages that does not',
      0.88,
      0.3,
      (next: Random) => [scanned(next)[0], 1000 + next.below(9000)],
    ],
  ] as const)('holds the truth: %s', (_what, least, widest, of) => {
    const next = random(11);
    const population = Array.from({ length: 5000 }, () => {
      const [pages, bytes] = of(next);
      return whole(0, pages!, bytes);
    });
    const all = { ...stratum(5000, []), bytes: population.reduce((sum, { bytes }) => sum + bytes, 0) };
    const truth = population.reduce((sum, { pages }) => sum + pages, 0);
    let [held, total, width] = [0, 0, 0];
    for (let repeat = 0; repeat < 400; repeat++) {
      const sampled = Array.from({ length: 40 }, () => next.pick(population));
      const { value, low, high } = estimatePages([{ ...all, sampled }]).pages;
      held += Number(low <= truth && truth <= high);
      total += value;
      width += (high - low) / 2;
    }
    expect(held / 400).toBeGreaterThanOrEqual(least);
    expect(Math.abs(total / 400 / truth - 1)).toBeLessThan(0.03);
    expect(width / 400 / truth).toBeLessThan(widest);
  });
});

const gaussian = (next: Random) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** Pages and bytes of the size class: log-normal with sigma 1.5, about 40 kB a page. */
function scanned(next: Random): [pages: number, bytes: number] {
  for (;;) {
    const pages = Math.ceil(Math.exp(1.5 * gaussian(next)));
    const bytes = Math.round(pages * 40_000 * Math.exp(0.2 * gaussian(next)));
    if (sizeClass(bytes) === 'to 4 MiB') return [pages, bytes];
  }
}
