/** A region where Cloud Run has NVIDIA L4 GPUs. */
export interface GpuRegion {
  readonly region: string;
  /** Google gives access on request only. */
  readonly byInvitation: boolean;
}

/** When the table was read from https://cloud.google.com/run/docs/configuring/services/gpu. */
export const L4_REGIONS_AS_OF = '2026-10';

export const L4_REGIONS: readonly GpuRegion[] = [
  { region: 'us-central1', byInvitation: false },
  { region: 'us-east4', byInvitation: false },
  { region: 'europe-west1', byInvitation: false },
  { region: 'europe-west4', byInvitation: false },
  { region: 'asia-southeast1', byInvitation: false },
  { region: 'asia-south1', byInvitation: true },
];
