import { otherModels, relativeSpeed } from '../../../domain/capacity/speed';
import { MODELS } from '../../../domain/models';

describe('relativeSpeed', () => {
  const [two, smallest, same, largest] = MODELS.map((model) => model.id);
  const speed = (deployed: string, other: string) =>
    relativeSpeed(
      deployed,
      MODELS.find(({ id }) => id === other)!,
      8,
    );

  test('is 1 for the same architecture, more for a smaller model, less for a larger one', () => {
    expect(speed(two!, same!)).toBe(1);
    expect(speed(two!, smallest!)).toBeGreaterThan(1.5);
    expect(speed(two!, largest!)).toBeLessThan(0.6);
    expect(speed(two!, largest!) * speed(largest!, two!)).toBeCloseTo(1, 10);
  });

  test('goes by weights and cache: 1.87 GiB and eight sequences of 2,865 tokens at 112 KiB', () => {
    // ⌈1700/28⌉ is more than the model's own size allows: Letter is 2365 tokens, and half of 1,000 of text.
    const step = 1.87 + (8 * Math.ceil(2865 / 16) * 16 * 112) / 2 ** 20;
    const large = 8.46 + 8 * 24 * (2.06 / 1024) + (8 * 3636 * 32) / 2 ** 20;
    expect(Math.abs(speed(two!, largest!) / (step / large) - 1)).toBeLessThan(0.02);
  });
});

describe('otherModels', () => {
  test('leaves out the one that is deployed, by a variant’s name too', () => {
    expect(otherModels('lightonai/LightOnOCR-2-1B-bbox').map(({ id }) => id)).toEqual(
      MODELS.slice(1).map(({ id }) => id),
    );
  });
});
