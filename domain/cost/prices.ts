import { type Gpu, GPU_KINDS, type GpuPrice } from '../gpus';

/** What Cloud Run charges for an instance in one region, USD a second; a GPU instance is billed for its whole life. */
export interface Prices {
  /** Month in which the price list was read. */
  readonly asOf: string;
  /** Only those whose price was found. */
  readonly gpus: Partial<Readonly<Record<Gpu['id'], GpuPrice>>>;
  readonly vcpuSecond: number;
  readonly gibSecond: number;
}

/** What does not depend on the service's region here, USD. */
export interface BuildPrices {
  readonly asOf: string;
  /** A minute of the machine that `cloudbuild/gpu-cloudbuild.yaml` asks for. */
  readonly buildMinute: number;
  /** A GB in Artifact Registry for a month. */
  readonly registryGbMonth: number;
  /** One scan of one image. */
  readonly imageScan: number;
}

export interface PriceList {
  readonly source: string;
  /** By region. */
  readonly regions: Readonly<Record<string, Prices>>;
  readonly build: BuildPrices;
}

/** What is known of the GPUs' prices in a region: `domain/gpus/`. */
function gpuPrices(region: string): Prices['gpus'] {
  const known = Object.values(GPU_KINDS).map(({ id, prices }) => [id, prices[region]] as const);
  return Object.fromEntries(known.filter(([, price]) => price !== undefined));
}

/**
 * The one price table. Only regions where the price of a GPU was found are in it: no cost is shown rather than a wrong one
 * (`bin/lightonocr cost --prices FILE` adds one). Free tiers and committed-use discounts are not in it.
 */
export const PRICES: PriceList = {
  source:
    'https://cloud.google.com/run/pricing, https://cloud.google.com/build/pricing, https://cloud.google.com/artifact-registry/pricing',
  regions: {
    'us-central1': {
      asOf: '2026-08',
      gpus: gpuPrices('us-central1'),
      vcpuSecond: 0.000018,
      gibSecond: 0.000002,
    },
  },
  // e2-highcpu-32.
  build: { asOf: '2026-08', buildMinute: 0.064, registryGbMonth: 0.1, imageScan: 0.26 },
};
