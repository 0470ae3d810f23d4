/**
 * What Cloud Run charges for an instance, USD a second; GPU instances are billed for their whole life
 * (https://cloud.google.com/run/pricing, looked up on the date given). Other regions are dearer or not in the table: then
 * no cost is shown rather than a wrong one.
 */
export interface Prices {
  /** Month in which the price list was read. */
  readonly asOf: string;
  readonly gpuSecond: number;
  readonly gpuSecondZonalRedundancy: number;
  readonly vcpuSecond: number;
  readonly gibSecond: number;
}

export const PRICES: Readonly<Record<string, Prices>> = {
  'us-central1': {
    asOf: '2026-08',
    gpuSecond: 0.0001867,
    gpuSecondZonalRedundancy: 0.0002909,
    vcpuSecond: 0.000018,
    gibSecond: 0.000002,
  },
};
