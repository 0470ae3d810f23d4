import type { Gpu } from './gpu';

/**
 * NVIDIA RTX PRO 6000 Blackwell, generally available since 2026-04-13, driver 580:
 * https://cloud.google.com/run/docs/configuring/services/gpu, read 2026-10. Not known here: its price, the vCPU and memory
 * above the minimum, and what a first deployment brings.
 */
export const rtxPro6000: Gpu = {
  id: 'nvidia-rtx-pro-6000',
  name: 'RTX PRO 6000',
  // "GPU 0 has a total capacity of 94.97 GiB", as users of this card report PyTorch's message; not seen on Cloud Run.
  memoryGib: 94.97,
  cpus: [20],
  memoryGibRange: { least: 80 },
  regionsAsOf: '2026-10',
  regions: [
    { region: 'us-central1', byInvitation: false },
    { region: 'europe-west4', byInvitation: false },
    { region: 'asia-southeast1', byInvitation: false },
    { region: 'asia-south2', byInvitation: true },
  ],
  quota: {
    withoutRedundancy: 'NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion',
    withRedundancy: 'NvidiaRtxPro6000GpuAllocPerProjectRegion',
    // Thousandths of a GPU, as several users read it: a limit of 1000 let one be deployed.
    scale: 1000,
  },
  prices: {},
};
