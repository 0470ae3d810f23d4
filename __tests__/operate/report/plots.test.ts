import { COLOURS } from '../../../operate/report/plots';

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe('the colours of revisions', () => {
  test.each(['#ffffff', '#0d1117'])('each stand out from the page, %s', (page) => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(COLOURS.filter((colour) => contrast(colour, page) < 3)).toEqual([]);
  });

  test('are eight different ones', () => expect(new Set(COLOURS).size).toBe(8));
});
