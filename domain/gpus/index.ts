import type { Gpu } from './gpu';
import { l4 } from './l4';
import { rtxPro6000 } from './rtxPro6000';

export type { Gpu, GpuPrice, GpuRegion } from './gpu';

/** The GPU of both profiles. */
export const DEFAULT_GPU = l4;

/** Every GPU that Cloud Run has. Another one is a file beside these, and a line here. */
export const GPU_KINDS: Readonly<Record<Gpu['id'], Gpu>> = {
  'nvidia-l4': l4,
  'nvidia-rtx-pro-6000': rtxPro6000,
};

export const GPU_IDS = Object.keys(GPU_KINDS) as Gpu['id'][];

export const isGpuId = (name: unknown): name is Gpu['id'] => Object.hasOwn(GPU_KINDS, String(name));
