/** Share of the samples at each end that may lie outside of the range: single hot or dead pixels. An own choice. */
const OUTSIDE = 0.0001;
/** Steps in which the range is looked for; the picture itself is not rounded to them. */
const BINS = 4096;

/**
 * Samples of any depth as bytes, stretched from the range that is used: twelve bits in sixteen are nearly black otherwise. What
 * is no number (NaN) becomes the lowest level.
 * @param channels of a pixel; with `hasAlpha` the last one is stretched from 0 to `alphaMax`.
 */
export function stretch(samples: Float32Array, channels: number, alpha?: { readonly max: number }): Buffer {
  const colours = alpha ? channels - 1 : channels;
  const { low, high } = usedRange(samples, channels, colours);
  const factor = high > low ? 255 / (high - low) : 0;
  const bytes = Buffer.allocUnsafe(samples.length);
  for (let at = 0; at < samples.length; at++) {
    const isAlpha = alpha !== undefined && at % channels === colours;
    const level = isAlpha ? (255 * samples[at]!) / alpha.max : (samples[at]! - low) * factor;
    bytes[at] = level >= 255 ? 255 : level > 0 ? Math.round(level) : 0;
  }
  return bytes;
}

function usedRange(samples: Float32Array, channels: number, colours: number): { low: number; high: number } {
  let [lowest, highest, count] = [Infinity, -Infinity, 0];
  const each = (use: (sample: number) => void) => {
    for (let at = 0; at < samples.length; at++)
      if (at % channels < colours && Number.isFinite(samples[at])) use(samples[at]!);
  };
  each((sample) => {
    if (sample < lowest) lowest = sample;
    if (sample > highest) highest = sample;
    count += 1;
  });
  if (!(highest > lowest)) return { low: lowest, high: highest };
  const bins = new Uint32Array(BINS);
  const width = (highest - lowest) / BINS;
  each((sample) => (bins[Math.min(BINS - 1, Math.floor((sample - lowest) / width))]! += 1));
  const most = OUTSIDE * count;
  let [first, last] = [0, BINS - 1];
  for (let left = most - bins[first]!; left >= 0; left -= bins[first]!) first += 1;
  for (let left = most - bins[last]!; left >= 0; left -= bins[last]!) last -= 1;
  // A picture of one level and a few pixels has all that can be read in these pixels.
  if (first >= last) return { low: lowest, high: highest };
  return { low: lowest + first * width, high: lowest + (last + 1) * width };
}
