/**
 * Makes the pages of release/golden and their texts: `node bin/start.js scripts/make-golden-pages`. `page.txt`, the letter's, is
 * written by hand. Clean renderings that are then degraded as a scanner would: uneven light, a turn, blur, noise. The noise comes
 * from fixed seeds and the fonts from npm (DejaVu), so that the same sharp gives the same pages.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DRAWN, type Drawn, letter, textOf } from './golden/pages';

const FOLDER = path.join(__dirname, '..', 'release', 'golden');

/** Park and Miller's generator (1993): noise that is the same every time. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const grey = (level: number) => `rgb(${level},${level},${level})`;

function svgOf({ width, height, words, rules = [], scan }: Drawn): string {
  const texts = words.map(
    ({ text, x, y, pixels, font = 'DejaVu Serif', bold = false }) =>
      `<text x="${x}" y="${y}" font-family="${font}" font-size="${pixels}" ${bold ? 'font-weight="bold"' : ''} xml:space="preserve">${escaped(text)}</text>`,
  );
  const drawn = rules.map(
    ([x1, y1, x2, y2]) =>
      `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${grey(scan.ink)}" stroke-width="2"/>`,
  );
  const [light, dark] = scan.paper.map(grey);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="light" x2="1" y2="1"><stop stop-color="${light}"/><stop offset="1" stop-color="${dark}"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#light)"/>
    <g fill="${grey(scan.ink)}" transform="rotate(${scan.degrees} ${width / 2} ${height / 2})">${texts.join('')}${drawn.join('')}</g></svg>`;
}

async function makePage(page: Drawn): Promise<void> {
  const { default: sharp } = await import('sharp');
  const { width, height, scan } = page;
  const clean = await sharp(Buffer.from(svgOf(page)))
    .greyscale()
    .blur(scan.blurSigma)
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  const random = randomNumbers(scan.seed);
  const degraded = clean.map((level) => {
    const moved = random() < scan.speckled ? level + (random() * 2 - 1) * scan.noise : level;
    return Math.max(0, Math.min(255, moved));
  });
  const image = sharp(Buffer.from(degraded), { raw: { width, height, channels: 1 } });
  await (scan.greys === 2 ? image.threshold(150) : image)
    .png({ palette: true, colours: scan.greys, dither: 0, compressionLevel: 9, effort: 10 })
    .toFile(path.join(FOLDER, `${page.name}.png`));
}

/** Fonts of the machine would make other pages: only those of the package are known. */
function knowOnlyPackagedFonts(folder: string): void {
  const fonts = path.join(path.dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  const file = path.join(folder, 'fonts.conf');
  const known = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${fonts}</dir><cachedir>${folder}</cachedir></fontconfig>`;
  writeFileSync(file, known);
  process.env.FONTCONFIG_FILE = file;
}

export async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lightonocr-fonts-'));
  try {
    knowOnlyPackagedFonts(folder);
    await makePage(letter(readFileSync(path.join(FOLDER, 'page.txt'), 'utf8')));
    for (const page of DRAWN) {
      writeFileSync(path.join(FOLDER, `${page.name}.txt`), textOf(page));
      await makePage(page);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
