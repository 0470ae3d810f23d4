import { createInventory, type ListedObject } from '../../../domain/batch/inventory';
import { random } from '../../../domain/random';

const object = (name: string, bytes = 1000, contentType?: string): ListedObject => ({
  ...{ name, bytes, generation: '1' },
  ...(contentType && { contentType }),
});

describe('createInventory', () => {
  test('counts by kind and size, and empty files apart', () => {
    const inventory = createInventory(5, random(1));
    for (const each of [
      object('a.pdf', 1000),
      object('b.PDF', 2000),
      object('c.pdf', 5 * 2 ** 20),
      object('d.tif', 300_000_000),
      object('scan', 10, 'application/pdf'),
      object('e.jpeg'),
      object('f.zip'),
      object('g.docx'),
      object('folder/', 0),
      object('h.pdf', 0),
    ])
      inventory.add(each);
    expect(
      inventory.strata().map(({ kind, size, documents, bytes }) => [kind, size, documents, bytes]),
    ).toEqual([
      ['pdf', 'to 256 KiB', 3, 3010],
      ['pdf', 'to 32 MiB', 1, 5 * 2 ** 20],
      ['tiff', 'over 256 MiB', 1, 300_000_000],
      ['picture', 'to 256 KiB', 1, 1000],
      ['archive', 'to 256 KiB', 1, 1000],
      ['other', 'to 256 KiB', 1, 1000],
    ]);
    expect(inventory.empty()).toBe(1);
  });

  test('keeps all of few, and no more than asked for of many', () => {
    for (const [documents, kept] of [
      [3, 3],
      [40, 40],
      [41, 40],
      [10_000, 40],
    ] as const) {
      const inventory = createInventory(40, random(1));
      for (let index = 0; index < documents; index++) inventory.add(object(`${index}.pdf`));
      const [stratum] = inventory.strata();
      expect(new Set(stratum!.sample.map(({ name }) => name)).size).toBe(kept);
    }
  });

  test('draws every document, and every place in the sample, as often as any other', () => {
    const [documents, size, repeats] = [20, 4, 4000];
    const drawn = Array.from({ length: documents }, () => 0);
    const first = Array.from({ length: documents }, () => 0);
    const source = random(3);
    for (let repeat = 0; repeat < repeats; repeat++) {
      const inventory = createInventory(size, source);
      for (let index = 0; index < documents; index++) inventory.add(object(`${index}.pdf`));
      const { sample } = inventory.strata()[0]!;
      for (const { name } of sample) drawn[parseInt(name)]! += 1;
      first[parseInt(sample[0]!.name)]! += 1;
    }
    // Chi-square with 19 degrees of freedom: above 43.8 once in a thousand.
    const chiSquare = (counts: number[], expected: number) =>
      counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare(drawn, (repeats * size) / documents)).toBeLessThan(43.8);
    expect(chiSquare(first, repeats / documents)).toBeLessThan(43.8);
  });
});
