/** A mutation of a file, always the same for a number: bytes changed, bits turned, numbers made extreme, pieces cut, doubled or moved. */
export function mutated(bytes: Buffer, number: number): Buffer {
  const random = generator(number);
  let changed: Buffer = Buffer.from(bytes);
  for (let times = 1 + random(4); times > 0 && changed.length > 0; times--)
    changed = mutateOnce(changed, random);
  return changed;
}

type Random = (below: number) => number;
/** What lengths and sizes break at. */
const EXTREMES = [0, 1, 0x7f, 0x80, 0xff];

function mutateOnce(bytes: Buffer, random: Random): Buffer {
  // Headers are short, and what is in them matters more.
  const at = random(random(2) === 0 ? Math.min(64, bytes.length) : bytes.length);
  const length = 1 + random(Math.max(1, Math.min(64, bytes.length - at)));
  switch (random(6)) {
    case 0:
      bytes[at] = random(256);
      return bytes;
    case 1:
      bytes[at]! ^= 1 << random(8);
      return bytes;
    case 2:
      return bytes.fill(EXTREMES[random(EXTREMES.length)]!, at, Math.min(bytes.length, at + 1 + random(4)));
    case 3:
      return bytes.subarray(0, at);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    default:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
  }
}

/** mulberry32 (public domain): the same numbers everywhere. */
function generator(seed: number): Random {
  let state = (seed * 0x9e3779b1) >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
