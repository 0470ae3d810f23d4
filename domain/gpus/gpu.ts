/** A region where Cloud Run has a GPU. */
export interface GpuRegion {
  readonly region: string;
  /** Google gives access on request only. */
  readonly byInvitation: boolean;
}

/** USD a second of one GPU, without and with zonal redundancy. */
export interface GpuPrice {
  readonly second: number;
  readonly secondZonalRedundancy: number;
}

/** A kind of GPU that Cloud Run has, one an instance. */
export interface Gpu {
  /** Cloud Run's accelerator, `size.gpu`. */
  readonly id: 'nvidia-l4' | 'nvidia-rtx-pro-6000';
  /** As people call it: `L4`. */
  readonly name: string;
  /** What CUDA reports, and vLLM takes its share of. */
  readonly memoryGib: number;
  /** vCPU of an instance, smallest first; only what is known to be offered. */
  readonly cpus: readonly number[];
  /** Of an instance, GiB. Without `most`, no upper limit is known. */
  readonly memoryGibRange: { readonly least: number; readonly most?: number };
  readonly regions: readonly GpuRegion[];
  /** Month in which the regions were read. */
  readonly regionsAsOf: string;
  readonly quota: {
    readonly withoutRedundancy: string;
    readonly withRedundancy: string;
    /** The API's units in one GPU. */
    readonly scale: number;
    /** Another quota of that name in Compute Engine, which does not count here. */
    readonly computeEngine?: string;
    /** GPUs that a first deployment in a region is said to bring; undefined where nothing is known. */
    readonly firstDeploy?: number;
  };
  /** By region; a region that is missing has no price that was found. */
  readonly prices: Readonly<Record<string, GpuPrice>>;
}
