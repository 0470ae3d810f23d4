import type { Gpu } from '../gpus';
import { PRICES, type PriceList } from './prices';

/** An instance, as its price sees it. */
export interface InstanceSize {
  readonly cpu: number;
  readonly memoryGib: number;
  /** Without one, no GPU. */
  readonly gpu?: Gpu['id'];
  readonly zonalRedundancy: boolean;
}

export interface HourlyCost {
  /** USD an hour with no page for a long time: the instances that never stop. */
  readonly idle: number;
  /** USD an hour while one instance runs (or the minimum, where that is more): what a usual hour of work costs. */
  readonly oneInstance: number;
  /** USD an hour at `maxInstances`. */
  readonly full: number;
  readonly maxInstances: number;
  /** Month of the price list. */
  readonly asOf: string;
}

const SECONDS_AN_HOUR = 3600;
const FREE = { second: 0, secondZonalRedundancy: 0 };

/** USD an hour of one running instance; undefined where the region's prices are not known. */
export function instanceHour(
  region: string,
  size: InstanceSize,
  { regions }: PriceList = PRICES,
): number | undefined {
  const prices = regions[region];
  const gpuPrice = size.gpu === undefined ? FREE : prices?.gpus[size.gpu];
  if (prices === undefined || gpuPrice === undefined) return undefined;
  const gpu = size.zonalRedundancy ? gpuPrice.secondZonalRedundancy : gpuPrice.second;
  const second = gpu + size.cpu * prices.vcpuSecond + size.memoryGib * prices.gibSecond;
  return second * SECONDS_AN_HOUR;
}

/** What a service costs an hour at zero, usual and full scale; undefined where the region's prices are not known. */
export function hourlyCost(
  region: string,
  size: InstanceSize,
  scaling: { readonly minInstances: number; readonly maxInstances: number },
  prices: PriceList = PRICES,
): HourlyCost | undefined {
  const one = instanceHour(region, size, prices);
  if (one === undefined) return undefined;
  const { minInstances, maxInstances } = scaling;
  return {
    idle: minInstances * one,
    oneInstance: Math.max(1, minInstances) * one,
    full: maxInstances * one,
    maxInstances,
    asOf: prices.regions[region]!.asOf,
  };
}

/** `1.42`: USD to the cent. */
export function usd(amount: number): string {
  return amount.toFixed(2);
}
