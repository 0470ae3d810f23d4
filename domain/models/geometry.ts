import { DEFAULT_MODEL, type OcrModel } from '.';

interface Pixels {
  readonly width: number;
  readonly height: number;
}

/** Size of a page after scaling its longest side down (never up) to `longestSide` pixels; at least 1 px a side. */
export function scaledSize(width: number, height: number, longestSide: number): Pixels {
  const factor = Math.min(1, longestSide / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** Tokens that an image of this size takes in the context, after the model's own rounding to whole tokens. */
export function imageTokens(width: number, height: number, { grid }: OcrModel = DEFAULT_MODEL): number {
  const { pixelsPerToken, rounding, leastAreaPixels = 0 } = grid;
  if (rounding === 'up') return Math.ceil(width / pixelsPerToken) * Math.ceil(height / pixelsPerToken);
  const whole = (pixels: number) => Math.max(1, Math.round(pixels / pixelsPerToken));
  const tokens = whole(width) * whole(height);
  if (tokens * pixelsPerToken ** 2 >= leastAreaPixels) return tokens;
  const larger = Math.sqrt(leastAreaPixels / (width * height)) / pixelsPerToken;
  return Math.ceil(width * larger) * Math.ceil(height * larger);
}

/** Tokens of an image that is larger than the model takes, too: its processor scales it down first. */
export function seenTokens({ width, height }: Pixels, model: OcrModel = DEFAULT_MODEL): number {
  const seen = scaledSize(width, height, model.grid.longestSidePixels);
  return imageTokens(seen.width, seen.height, model);
}

/** Tokens of the page that takes the most of them: a square one. 3025 at the default model's 1540 px. */
export const largestImageTokens = (longestSidePixels: number, model: OcrModel = DEFAULT_MODEL): number =>
  imageTokens(longestSidePixels, longestSidePixels, model);
