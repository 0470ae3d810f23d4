import { stretch } from './levels';
import { type Pixels, pixelsOf } from './pixels';

interface Header {
  readonly width: number;
  readonly height: number;
  readonly max: number;
  readonly channels: number;
  /** Where the samples begin. */
  readonly at: number;
}

/**
 * Decodes PBM, PGM, PPM (P1 to P6) and PAM (P7), the first picture of a file. More than eight bits are stretched to the range
 * that is used. What is missing at the end stays white.
 * @throws RangeError for a header that cannot be.
 */
export function decodePnm(bytes: Buffer, maxPixels: number): Pixels {
  const kind = bytes[1]! - 48;
  const { width, height, max, channels, at } = kind === 7 ? pamHeader(bytes) : header(bytes, kind);
  if (!(max >= 1 && max < 65_536 && channels >= 1 && channels <= 4))
    throw new RangeError(`a PNM of ${channels} samples up to ${max}`);
  const shown = channels === 2 ? 1 : (channels as 1 | 3 | 4);
  const image = { ...pixelsOf({ width, height, channels: shown, maxPixels }), shape: 1 };
  const count = width * height * channels;
  const { samples, found } =
    kind <= 3
      ? plainSamples(bytes, at, count, max, kind === 1)
      : binarySamples(bytes, { at, count, max, width, isBits: kind === 4 });
  if (found === 0) throw new RangeError('a PNM without pixels');
  const levels =
    max > 255
      ? stretch(samples, channels, channels % 2 === 0 ? { max } : undefined)
      : samples.map((sample) => Math.round((255 * sample) / max));
  // Alpha beside grey is left out.
  if (channels === 2) for (let to = 0; to < width * height; to++) image.pixels[to] = levels[2 * to]!;
  else for (let to = 0; to < count; to++) image.pixels[to] = to < found ? levels[to]! : 255;
  return { ...image, isComplete: found === count };
}

/** Numbers between blanks, with comments up to the end of a line. */
function* numbers(bytes: Buffer, from: number): Generator<{ value: number; end: number }> {
  let value: number | undefined;
  for (let at = from; at <= bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== undefined && byte >= 48 && byte <= 57) {
      value = (value ?? 0) * 10 + byte - 48;
      continue;
    }
    if (value !== undefined) yield { value, end: at };
    value = undefined;
    if (byte === 35) while (at < bytes.length && bytes[at] !== 10) at++;
  }
}

function header(bytes: Buffer, kind: number): Header {
  const isBits = kind === 1 || kind === 4;
  const found: { value: number; end: number }[] = [];
  for (const number of numbers(bytes, 2)) {
    found.push(number);
    if (found.length === (isBits ? 2 : 3)) break;
  }
  const [width, height, max] = found.map(({ value }) => value);
  const channels = kind === 3 || kind === 6 ? 3 : 1;
  return {
    width: width ?? 0,
    height: height ?? 0,
    max: isBits ? 1 : (max ?? 0),
    channels,
    at: (found.at(-1)?.end ?? 0) + 1,
  };
}

function pamHeader(bytes: Buffer): Header {
  const text = bytes.toString('latin1', 0, 1024);
  const end = text.indexOf('ENDHDR');
  const of = (name: string) => Number(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return {
    width: of('WIDTH'),
    height: of('HEIGHT'),
    max: of('MAXVAL'),
    channels: of('DEPTH'),
    at: text.indexOf('\n', end) + 1,
  };
}

interface Samples {
  readonly samples: Float32Array;
  readonly found: number;
}

/** Written as digits; those of a bitmap (P1) need no blanks between them, and 1 is black. */
function plainSamples(bytes: Buffer, at: number, count: number, max: number, isBits: boolean): Samples {
  const samples = new Float32Array(count);
  let found = 0;
  if (isBits) {
    for (; at < bytes.length && found < count; at++)
      if (bytes[at] === 48 || bytes[at] === 49) samples[found++] = 49 - bytes[at]!;
    return { samples, found };
  }
  for (const { value } of numbers(bytes, at - 1)) {
    if (found === count) break;
    samples[found++] = Math.min(max, value);
  }
  return { samples, found };
}

function binarySamples(
  bytes: Buffer,
  {
    at,
    count,
    max,
    width,
    isBits,
  }: { at: number; count: number; max: number; width: number; isBits: boolean },
): Samples {
  const samples = new Float32Array(count);
  if (isBits) {
    const stride = Math.ceil(width / 8);
    const found = Math.min(count, Math.max(0, Math.floor((bytes.length - at) / stride)) * width);
    for (let place = 0; place < found; place++) {
      const [x, y] = [place % width, Math.floor(place / width)];
      samples[place] = (bytes[at + y * stride + (x >> 3)]! >> (7 - (x & 7))) & 1 ? 0 : 1;
    }
    return { samples, found };
  }
  const bytesEach = max > 255 ? 2 : 1;
  const found = Math.min(count, Math.max(0, Math.floor((bytes.length - at) / bytesEach)));
  for (let place = 0; place < found; place++)
    samples[place] = Math.min(max, bytesEach === 2 ? bytes.readUInt16BE(at + 2 * place) : bytes[at + place]!);
  return { samples, found };
}
