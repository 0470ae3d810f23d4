/**
 * Buckets of `request_latencies`: growth of ten percent from one millisecond, to 25 minutes. Finer than Cloud Run's own, so that a
 * percentile of a few requests is near to the true one.
 */
const SCALE = 1;
const GROWTH_FACTOR = 1.1;
const FINITE_BUCKETS = 150;

function bucketOf(milliseconds: number): number {
  if (milliseconds < SCALE) return 0;
  return Math.min(
    FINITE_BUCKETS + 1,
    Math.floor(Math.log(milliseconds / SCALE) / Math.log(GROWTH_FACTOR)) + 1,
  );
}
const lowerBound = (bucket: number) => (bucket === 0 ? 0 : SCALE * GROWTH_FACTOR ** (bucket - 1));

function bucketCounts(samples: readonly number[]): number[] {
  const counts = new Array<number>(FINITE_BUCKETS + 2).fill(0);
  for (const sample of samples) counts[bucketOf(sample)]! += 1;
  return counts;
}

/** google.api.Distribution of samples in milliseconds. */
export function distribution(samples: readonly number[]): Record<string, unknown> {
  const counts = bucketCounts(samples);
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  return {
    count: String(samples.length),
    mean,
    sumOfSquaredDeviation: samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0),
    bucketOptions: {
      exponentialBuckets: { numFiniteBuckets: FINITE_BUCKETS, growthFactor: GROWTH_FACTOR, scale: SCALE },
    },
    bucketCounts: counts.slice(0, counts.findLastIndex((count) => count > 0) + 1).map(String),
  };
}

/** A percentile as Cloud Monitoring has it: from the buckets, linear within one. */
export function percentile(samples: readonly number[], percent: number): number {
  const rank = (samples.length * percent) / 100;
  let below = 0;
  for (const [bucket, count] of bucketCounts(samples).entries()) {
    if (count > 0 && below + count >= rank) {
      const [low, high] = [lowerBound(bucket), lowerBound(bucket + 1)];
      return low + ((high - low) * (rank - below)) / count;
    }
    below += count;
  }
  return 0;
}
