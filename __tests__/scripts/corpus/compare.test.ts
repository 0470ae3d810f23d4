import sharp from 'sharp';
import { pictureDifference, textDifference } from '../../../scripts/corpus/compare';

describe('textDifference', () => {
  test.each<[one: string, other: string, difference: number]>([
    ['', '', 0],
    ['two words', 'words  two!', 0],
    ['abc', '', 1],
    ['abcd', 'abcx', 1 - 3 / 5],
    ['ﬁn', 'fin', 0],
  ])('%j and %j differ by %f', (one, other, difference) => {
    expect(textDifference(one, other)).toBeCloseTo(difference);
  });
});

describe('pictureDifference', () => {
  const picture = (background: string, width = 40, height = 60) =>
    sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer();

  test('is of the light of the pixels, whatever the size', async () => {
    expect(await pictureDifference(await picture('white'), await picture('white', 80, 120))).toBe(0);
    expect(await pictureDifference(await picture('white'), await picture('black'))).toBe(1);
  });

  test('is whole for a page of another shape', async () => {
    expect(await pictureDifference(await picture('white'), await picture('white', 60, 40))).toBe(1);
  });
});
