import sharp from 'sharp';

/** Letters and digits of two texts that are not in both, of all, 0 to 1: in whatever order, with whatever spaces. */
export function textDifference(one: string, other: string): number {
  const [counts, others] = [letterCounts(one), letterCounts(other)];
  let [common, all] = [0, 0];
  for (const letter of new Set([...counts.keys(), ...others.keys()])) {
    const [here, there] = [counts.get(letter) ?? 0, others.get(letter) ?? 0];
    common += Math.min(here, there);
    all += Math.max(here, there);
  }
  return all === 0 ? 0 : 1 - common / all;
}

function letterCounts(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const letter of text.normalize('NFKC').match(/[\p{L}\p{N}]/gu) ?? [])
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return counts;
}

/** Mean difference of two pictures' pixels, 0 to 1, the second brought to the size of the first; 1 where their shapes differ. */
export async function pictureDifference(one: Buffer, other: Buffer): Promise<number> {
  const { width = 1, height = 1 } = await sharp(one).metadata();
  const size = await sharp(other).metadata();
  const shape = (width / height) * ((size.height ?? 1) / (size.width ?? 1));
  if (shape > 1.05 || shape < 0.95) return 1;
  const [ours, theirs] = await Promise.all([one, other].map((picture) => greyPixels(picture, width, height)));
  let sum = 0;
  for (const [at, level] of ours!.entries()) sum += Math.abs(level - theirs![at]!);
  return sum / ours!.length / 255;
}

const greyPixels = (picture: Buffer, width: number, height: number) =>
  sharp(picture).resize({ width, height, fit: 'fill' }).removeAlpha().toColourspace('b-w').raw().toBuffer();
