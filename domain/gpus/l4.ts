import type { Gpu } from './gpu';

/** NVIDIA L4: https://cloud.google.com/run/docs/configuring/services/gpu, read 2026-10. */
export const l4: Gpu = {
  id: 'nvidia-l4',
  name: 'L4',
  // PyTorch's own message: "GPU 0 has a total capacity of 22.03 GiB" (`nvidia-smi` counts 23034 MiB with what the driver keeps).
  memoryGib: 22.03,
  // From the L4's minimum to Cloud Run's maximum: https://cloud.google.com/run/docs/configuring/services/cpu
  cpus: [4, 6, 8],
  memoryGibRange: { least: 16, most: 32 },
  regionsAsOf: '2026-10',
  regions: [
    // One public copy of Google's page of 2026 says "by invitation" of us-central1 too; not confirmed.
    { region: 'us-central1', byInvitation: false },
    { region: 'us-east4', byInvitation: false },
    { region: 'europe-west1', byInvitation: false },
    { region: 'europe-west4', byInvitation: false },
    { region: 'asia-southeast1', byInvitation: false },
    { region: 'asia-south1', byInvitation: true },
  ],
  quota: {
    withoutRedundancy: 'NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion',
    withRedundancy: 'NvidiaL4GpuAllocPerProjectRegion',
    scale: 1,
    computeEngine: 'NVIDIA-L4-GPUS-per-project-region',
    // "Request a quota increase" of Google's page [?]. Until then the API may answer 0.
    firstDeploy: 3,
  },
  prices: { 'us-central1': { second: 0.0001867, secondZonalRedundancy: 0.0002909 } },
};
