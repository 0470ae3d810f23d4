/** Light of the three grounds that transparency can be put on; white where others are no better. */
const GROUNDS = [255, 0, 128] as const;
/** More contrast than this makes letters no easier to read: half of all. An own choice. */
const ENOUGH = 115;
/** A ground other than white must be so much better. */
const BETTER = 1.1;
const OPAQUE = 128;

/**
 * The ground that the content of a transparent picture stands out from: that which its edges, pixels beside transparent ones,
 * differ from most. White letters get a black one, black letters a white one, both together grey.
 * @param pixels red, green, blue, alpha; or grey, alpha.
 */
export function groundFor(pixels: Uint8Array, width: number, height: number, channels: 2 | 4): number {
  const scores = GROUNDS.map(() => 0);
  const isClear = (x: number, y: number) => pixels[(y * width + x) * channels + channels - 1]! < OPAQUE;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (isClear(x, y)) continue;
      const isEdge =
        (x > 0 && isClear(x - 1, y)) ||
        (x + 1 < width && isClear(x + 1, y)) ||
        (y > 0 && isClear(x, y - 1)) ||
        (y + 1 < height && isClear(x, y + 1));
      if (!isEdge) continue;
      const light = lightAt(pixels, (y * width + x) * channels, channels);
      GROUNDS.forEach((ground, at) => (scores[at]! += Math.min(ENOUGH, Math.abs(light - ground))));
    }
  const [white = 0] = scores;
  const best = Math.max(...scores);
  return best > BETTER * white ? GROUNDS[scores.indexOf(best)]! : GROUNDS[0];
}

/** ITU-R BT.601. */
function lightAt(pixels: Uint8Array, at: number, channels: 2 | 4): number {
  if (channels === 2) return pixels[at]!;
  return 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
}

/** Puts the picture on a ground: its pixels without alpha. */
export function onGround(pixels: Uint8Array, channels: 2 | 4, ground: number): Buffer {
  const colours = channels - 1;
  const out = Buffer.allocUnsafe((pixels.length / channels) * colours);
  for (let at = 0, to = 0; at < pixels.length; at += channels) {
    const alpha = pixels[at + colours]!;
    for (let colour = 0; colour < colours; colour++)
      out[to++] = Math.round((pixels[at + colour]! * alpha + ground * (255 - alpha)) / 255);
  }
  return out;
}
