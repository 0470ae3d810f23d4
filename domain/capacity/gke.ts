import type { Size } from '../deployment';

/** A node of Google Kubernetes Engine with one GPU, as large as an instance. */
export interface GkeNode {
  readonly machine: string;
  /** USD an hour, on demand. */
  readonly hour: number;
}

/**
 * G2 machines with one L4 in us-central1, on demand. [?]: Google's price page could not be read from here; other people's copies of
 * 2026 have 0.76 to 0.86 for the larger and 0.57 to 0.71 for the smaller. The higher ones are taken, so that what is said to be
 * saved is there. Spot nodes cost less than half and go at any time; commitments are not in it either.
 */
const NODES = [
  { machine: 'g2-standard-4', cpu: 4, memoryGib: 16, hour: 0.71 },
  { machine: 'g2-standard-8', cpu: 8, memoryGib: 32, hour: 0.86 },
] as const;
const REGION = 'us-central1';

/** USD an hour of one cluster: https://cloud.google.com/kubernetes-engine/pricing */
export const CLUSTER_HOUR = 0.1;

/** The smallest node that holds what an instance has; undefined where no price is known. */
export function gkeNode(region: string, { gpu, cpu, memoryGib }: Size): GkeNode | undefined {
  if (region !== REGION || gpu !== 'nvidia-l4') return undefined;
  return NODES.find((node) => node.cpu >= cpu && node.memoryGib >= memoryGib);
}
