/** Numbers from a seed, the same on every machine (mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
export interface Random {
  /** 0 to 1. */
  (): number;
  /** A whole number from 0 to `below`, exclusive. */
  below(below: number): number;
  chance(share: number): boolean;
  pick<T>(of: readonly T[]): T;
}

export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return Object.assign(next, {
    below,
    chance: (share: number) => next() < share,
    pick: <T>(of: readonly T[]): T => of[below(of.length)]!,
  });
}
