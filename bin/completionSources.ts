import type { CompletionSources } from './completionCandidates';

/** A person who pressed Tab waits so long for the cloud. */
const PATIENCE_MILLISECONDS = 3000;

/** The deployments' folder, and the cloud with whatever credentials there are; what fails gives no candidates. */
export function completionSources(): CompletionSources {
  return {
    deployments: async () => (await import('../deployments/load')).deploymentNames(),
    async revisions(name) {
      try {
        const [{ openRelease }, { loadDeployment }] = await Promise.all([
          import('../release/open'),
          import('../deployments/load'),
        ]);
        const deployment = loadDeployment(name);
        const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
        const { cloudRun } = openRelease({ deployment, signal, progress: () => undefined });
        return (await cloudRun.revisions()).map((revision) => revision.name);
      } catch {
        return [];
      }
    },
  };
}
