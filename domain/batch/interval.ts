/** An estimate with its 95 % interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Of the normal distribution, at 0.975. */
const Z = 1.959963984540054;

/**
 * Student's t at 0.975: the half-width of a 95 % interval in standard errors. Exact for one and two degrees of freedom, else the
 * expansion of Cornish and Fisher in four terms (Abramowitz and Stegun 26.7.5): 0.01 off at three, less than 0.001 from six on.
 */
export function studentT(degrees: number): number {
  if (degrees < 1.5) return 12.706;
  if (degrees < 2.5) return 4.303;
  const [z3, z5, z7, z9] = [3, 5, 7, 9].map((power) => Z ** power) as [number, number, number, number];
  return (
    Z +
    (z3 + Z) / (4 * degrees) +
    (5 * z5 + 16 * z3 + 3 * Z) / (96 * degrees ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * Z) / (384 * degrees ** 3) +
    (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * Z) / (92_160 * degrees ** 4)
  );
}
