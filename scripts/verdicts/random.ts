/** Random numbers of one seed. */
export interface Random {
  /** 0 to 1, 1 left out. */
  uniform(): number;
  /** Mean 0, standard deviation 1. */
  normal(): number;
  /** Gamma with shape 0.5 and mean 1: half of it is next to nothing, and a few are large. */
  gammaHalf(): number;
  binomial(count: number, probability: number): number;
  poisson(mean: number): number;
}

/** Mulberry32 (T. Ettinger, public domain): 32 bits of state, good enough to draw errors and times. */
export function random(seed: number): Random {
  let state = seed | 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  // Box and Muller.
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const poisson = (mean: number): number => {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    let count = 0;
    for (let product = uniform(); product > Math.exp(-mean); product *= uniform()) count++;
    return count;
  };
  return {
    uniform,
    normal,
    gammaHalf: () => normal() ** 2,
    poisson,
    /** By the gaps between successes, which costs as much as there are of them. */
    binomial(count, probability) {
      if (probability <= 0) return 0;
      if (probability > 0.5) return count - this.binomial(count, 1 - probability);
      let successes = 0;
      const scale = Math.log1p(-probability);
      for (let at = Math.floor(Math.log(1 - uniform()) / scale); at < count; successes++)
        at += 1 + Math.floor(Math.log(1 - uniform()) / scale);
      return successes;
    },
  };
}
