import { findModel } from '../../../domain/models';
import { imageTokens, largestImageTokens, scaledSize, seenTokens } from '../../../domain/models/geometry';

const model = (name: string) => findModel(name)!;

describe('imageTokens', () => {
  test.each([
    // ⌈w/28⌉ · ⌈h/28⌉
    ['LightOnOCR-2-1B', 'Letter', 1190, 1540, 43 * 55],
    ['LightOnOCR-2-1B', 'A4', 1089, 1540, 39 * 55],
    ['LightOnOCR-3-1B', 'square', 1540, 1540, 55 * 55],
    // round(w/32) · round(h/32)
    ['LightOnOCR-3-0.8B', 'Letter', 1583, 2048, 49 * 64],
    ['LightOnOCR-3-4B', 'square', 2048, 2048, 64 * 64],
    // Under 256 × 256 px: scaled up to that area, each side up to whole tokens. 100 × 50 becomes 362.04 × 181.02.
    ['LightOnOCR-3-4B', 'small', 100, 50, 12 * 6],
  ])('%s: a page of %s, %i × %i px', (name, _what, width, height, tokens) =>
    expect(imageTokens(width, height, model(name))).toBe(tokens),
  );
});

describe('seenTokens', () => {
  test.each([
    ['LightOnOCR-2-1B', 3000, 3000, 3025],
    ['LightOnOCR-3-0.8B', 3000, 3000, 4096],
    ['LightOnOCR-3-0.8B', 320, 640, 200],
  ])('%s: %i × %i px, scaled down and never up', (name, width, height, tokens) =>
    expect(seenTokens({ width, height }, model(name))).toBe(tokens),
  );
});

test('largestImageTokens is of a square page', () => {
  expect(largestImageTokens(1540)).toBe(3025);
  expect(largestImageTokens(2048, model('LightOnOCR-3-0.8B'))).toBe(4096);
});

test('scaledSize scales down, never up, and to a pixel at least', () => {
  expect(scaledSize(3080, 1540, 1540)).toEqual({ width: 1540, height: 770 });
  expect(scaledSize(100, 50, 1540)).toEqual({ width: 100, height: 50 });
  expect(scaledSize(10_000, 1, 100)).toEqual({ width: 100, height: 1 });
});
