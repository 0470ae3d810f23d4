import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { DRAWN, textOf } from '../../../scripts/golden/pages';

const FOLDER = path.join(__dirname, '..', '..', '..', 'release', 'golden');
const KINDS = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.png'))
  .map((file) => file.replace('.png', ''));
const textOfFile = (kind: string) => readFileSync(path.join(FOLDER, `${kind}.txt`), 'utf8');

describe('the golden pages', () => {
  test('are a letter and seven other kinds', () =>
    expect(new Set(KINDS)).toEqual(new Set(['page', ...DRAWN.map(({ name }) => name)])));

  test.each(KINDS)('%s is a grey page that needs no scaling, below 150 kB', async (kind) => {
    const bytes = readFileSync(path.join(FOLDER, `${kind}.png`));
    expect(bytes.length).toBeLessThan(150_000);
    const { format, width, height } = await sharp(bytes).metadata();
    expect([format, ...[width, height].sort()]).toEqual(['png', 1089, 1540]);
    const { channels } = await sharp(bytes).stats();
    expect(channels.slice(1, 3).every(({ sum }) => sum === channels[0]?.sum)).toBe(true);
  });

  test.each(DRAWN)('$name has the text that was drawn', (page) =>
    expect(textOfFile(page.name)).toBe(textOf(page)),
  );

  test('the letter holds 120 to 200 words, amounts among them that add up', () => {
    const text = textOfFile('page');
    expect(text.trim().split(/\s+/).length).toBeGreaterThanOrEqual(120);
    expect(text.trim().split(/\s+/).length).toBeLessThanOrEqual(200);
    const amounts = [...text.matchAll(/(\d+\.\d\d)$/gm)].map(([, amount]) => Number(amount));
    const [total, tax, due] = amounts.slice(-3) as [number, number, number];
    expect(amounts.slice(0, -3).reduce((sum, amount) => sum + amount)).toBeCloseTo(total, 2);
    expect([tax, due]).toEqual([Number((total * 0.07).toFixed(2)), Number((total + tax).toFixed(2))]);
  });
});
