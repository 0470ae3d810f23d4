import { cutRows } from '../../../ocr/images/slices';
import type { Raster } from '../../../ocr/images/raster';

/** Lines of letters, 20 rows high, with blanks of `gap` rows between them; `rule` adds a vertical rule at each side. */
function lines(count: number, gap: number, rule = false): Raster {
  const width = 200;
  const height = count * (20 + gap);
  const pixels = Buffer.alloc(width * height, 255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if ((y % (20 + gap) < 20 && x % 6 < 3) || (rule && (x === 2 || x === 197))) pixels[y * width + x] = 0;
  return { pixels, width, height, channels: 1 };
}

describe('cutRows', () => {
  test.each([false, true])('cuts between lines, none of them in two (rules at the sides: %s)', (rule) => {
    const page = lines(100, 12, rule);
    const cuts = cutRows(page, 700);
    expect(cuts.length).toBeGreaterThan(4);
    for (const { top } of cuts.slice(1)) expect(top % 32).toBeGreaterThanOrEqual(20);
    cuts.slice(1).forEach(({ top }, at) => expect(cuts[at]!.top + cuts[at]!.height).toBe(top));
    expect(cuts.every(({ height }) => height <= 700)).toBe(true);
    expect(cuts.at(-1)!.top + cuts.at(-1)!.height).toBe(page.height);
  });

  test('overlaps by more than a line where no row is blank, and loses no row', () => {
    const page = lines(100, 0);
    const cuts = cutRows(page, 700);
    cuts.slice(1).forEach(({ top }, at) => {
      const end = cuts[at]!.top + cuts[at]!.height;
      expect(end - top).toBeGreaterThan(40);
    });
    expect(cuts.at(-1)!.top + cuts.at(-1)!.height).toBe(page.height);
  });

  test('leaves a page whole that is no longer than a slice', () => {
    expect(cutRows(lines(10, 12), 700)).toEqual([{ top: 0, height: 320 }]);
  });
});
