import { notFound } from './googleError';
import { type QuotaDecision, quotaPreferences } from './quotaPreferences';
import { type Json, page, type RouteTable } from './routes';

/** What a project may use in every region. */
export interface ProjectQuota {
  readonly gpus: number;
  readonly vcpu: number;
  readonly memoryGib: number;
}

/** Quotas by service and id, in the units in which the API counts: thousandths of a vCPU, bytes. */
const quotas = ({ gpus, vcpu, memoryGib }: ProjectQuota): Record<string, Record<string, number>> => ({
  'run.googleapis.com': {
    NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion: gpus,
    // A new project has none with zonal redundancy, and none in Compute Engine.
    NvidiaL4GpuAllocPerProjectRegion: 0,
    // Thousandths of a GPU; a new project has none.
    NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion: 0,
    NvidiaRtxPro6000GpuAllocPerProjectRegion: 0,
    MemAllocPerProjectRegion: memoryGib * 2 ** 30,
    CpuAllocPerProjectRegion: vcpu * 1000,
  },
  'compute.googleapis.com': { 'NVIDIA-L4-GPUS-per-project-region': 0 },
});
const REGIONS = ['us-central1', 'us-east4', 'europe-west1', 'europe-west4', 'asia-southeast1', 'asia-south1'];

/**
 * Cloud Quotas v1: limits (https://cloud.google.com/docs/quotas/reference/rest/v1/projects.locations.services.quotaInfos),
 * and requests for more. What is granted is what the limits say; instances are held to the cloud's own GPU quota.
 */
export function quotaRoutes(quota: ProjectQuota, decide: QuotaDecision, now: () => number): RouteTable {
  const all = quotas(quota);
  const preferences = quotaPreferences((service, quotaId) => all[service]?.[quotaId], decide, now);
  // As proto3 writes it: an int64 as text, and 0 not at all.
  const details = (value: number) => (value === 0 ? {} : { value: String(value) });
  const infos = (parent: string): Json[] => {
    const [, project = '', , , , service = ''] = parent.split('/');
    return Object.entries(all[service] ?? {}).map(([quotaId, value]) => {
      const granted = preferences.granted(project, service, quotaId);
      return {
        name: `${parent}/quotaInfos/${quotaId}`,
        quotaId,
        service,
        containerType: 'PROJECT',
        dimensions: ['region'],
        // The more specific ones come first.
        dimensionsInfos: [
          ...[...granted].map(([region, limit]) => ({
            dimensions: { region },
            details: details(limit),
            applicableLocations: [region],
          })),
          { details: details(value), applicableLocations: REGIONS.filter((region) => !granted.has(region)) },
        ],
        quotaIncreaseEligibility: { isEligible: true },
      };
    });
  };
  return {
    ...preferences.routes,
    'GET /v1/{parent=projects/*/locations/global/services/*}/quotaInfos': (call, parent) =>
      page(call.query, 'quotaInfos', infos(parent)),
    'GET /v1/{parent=projects/*/locations/global/services/*}/quotaInfos/{id}': (_call, parent, id) => {
      const found = infos(parent).find(({ quotaId }) => quotaId === id);
      if (!found) throw notFound(`${parent}/quotaInfos/${id}`);
      return found;
    },
  };
}
