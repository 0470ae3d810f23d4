import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

const FOLDER = path.join(__dirname, '..', '..', '..', 'release', 'golden');

describe('the golden page', () => {
  test('is a grey A4 page that needs no scaling, below 250 kB', async () => {
    const bytes = readFileSync(path.join(FOLDER, 'page.png'));
    expect(bytes.length).toBeLessThan(250_000);
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 1089, height: 1540 });
    const { channels } = await sharp(bytes).stats();
    expect(channels.slice(1, 3).every(({ sum }) => sum === channels[0]?.sum)).toBe(true);
  });

  test('holds 120 to 200 words, amounts among them that add up', () => {
    const text = readFileSync(path.join(FOLDER, 'page.txt'), 'utf8');
    expect(text.trim().split(/\s+/).length).toBeGreaterThanOrEqual(120);
    expect(text.trim().split(/\s+/).length).toBeLessThanOrEqual(200);
    const amounts = [...text.matchAll(/(\d+\.\d\d)$/gm)].map(([, amount]) => Number(amount));
    const [total, tax, due] = amounts.slice(-3) as [number, number, number];
    expect(amounts.slice(0, -3).reduce((sum, amount) => sum + amount)).toBeCloseTo(total, 2);
    expect([tax, due]).toEqual([Number((total * 0.07).toFixed(2)), Number((total + tax).toFixed(2))]);
  });
});
