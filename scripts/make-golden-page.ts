/**
 * Makes release/golden/page.png from page.txt: `node bin/start.js scripts/make-golden-page`.
 * A clean rendering that is then degraded as a scanner would: uneven light, a slight turn, blur, noise. The noise comes
 * from a fixed seed, so that the same sharp and the same font give the same page.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

/** A4 with the longest side that the model takes. */
const WIDTH = 1089;
const HEIGHT = 1540;
const FOLDER = path.join(__dirname, '..', 'release', 'golden');
const FONT = { family: 'DejaVu Serif', pixels: 21, lineHeight: 34, left: 110, top: 150 };
/** `speckled`: share of the pixels that noise moves, by up to `noise` levels of grey. */
const DEGRADATION = { degrees: 0.4, blurSigma: 0.7, speckled: 0.05, noise: 50, seed: 2 };

/** Park and Miller's generator (1993): noise that is the same every time. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export async function main(): Promise<void> {
  const lines = readFileSync(path.join(FOLDER, 'page.txt'), 'utf8').trimEnd().split('\n');
  const text = lines.map((line, at) => {
    const y = FONT.top + at * FONT.lineHeight;
    return `<text x="${FONT.left}" y="${y}" xml:space="preserve">${escaped(line)}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <defs><linearGradient id="light" x2="1" y2="1"><stop stop-color="#fbfbfb"/><stop offset="1" stop-color="#d9d9d9"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#light)"/>
    <g font-family="${FONT.family}" font-size="${FONT.pixels}" fill="#2b2b2b"
      transform="rotate(${DEGRADATION.degrees} ${WIDTH / 2} ${HEIGHT / 2})">${text.join('')}</g></svg>`;
  const page = await sharp(Buffer.from(svg))
    .greyscale()
    .blur(DEGRADATION.blurSigma)
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  const random = randomNumbers(DEGRADATION.seed);
  const degraded = page.map((grey) =>
    random() < DEGRADATION.speckled
      ? Math.max(0, Math.min(255, grey + (random() * 2 - 1) * DEGRADATION.noise))
      : grey,
  );
  const raw = { width: WIDTH, height: HEIGHT, channels: 1 as const };
  await sharp(Buffer.from(degraded), { raw })
    .png({ palette: true, colours: 16, dither: 0, compressionLevel: 9, effort: 10 })
    .toFile(path.join(FOLDER, 'page.png'));
}
