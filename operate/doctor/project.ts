import { projectApis } from '../../domain/foundation/apis';
import { isApiOff, isStatus } from '../../release/adapters/google/googleApi';
import { type Check, lookAt, ok, seen } from './check';

/** Credentials, and the project that the deployment names. */
export const project: Check = {
  id: 'project',
  about: 'credentials, and the project',
  run: async (patient) => {
    const { call, deployment } = patient.context;
    const { project: id, name } = deployment;
    const subject = `project ${id}`;
    return lookAt(patient, subject, async () => {
      let state: string | undefined;
      try {
        const path = `/v1/projects/${id}`;
        state = (await call<{ lifecycleState?: string }>('cloudresourcemanager', { path })).data
          .lifecycleState;
      } catch (error) {
        // Google answers the same for a project that is not there and for one that is somebody else's.
        if (!isStatus(error, 403, 404) || isApiOff(error)) throw error;
        return seen(
          'cannot tell',
          subject,
          `is not there, or not yours to see: ${error.message}`,
          `write your own project's id as \`project\` in deployments/${name}.yaml (gcloud projects list), or ask its owner`,
        );
      }
      if (state === 'ACTIVE') return ok(subject, 'is active, and these credentials see it');
      return seen('wrong', subject, `is ${state}`, `gcloud projects undelete ${id}`);
    });
  },
};

/** The APIs that the Foundation switches on. */
export const apis: Check = {
  id: 'apis',
  about: 'the APIs that the Foundation switches on',
  run: (patient) =>
    lookAt(patient, 'APIs', async () => {
      const { call, deployment } = patient.context;
      const enabled = new Set<string>();
      let pageToken: string | undefined;
      do {
        const { data } = await call<{
          services?: { config?: { name?: string }; name: string }[];
          nextPageToken?: string;
        }>('serviceusage', {
          path: `/v1/projects/${deployment.project}/services`,
          query: { filter: 'state:ENABLED', pageSize: 200, pageToken },
        });
        for (const { name } of data.services ?? []) enabled.add(name.slice(name.lastIndexOf('/') + 1));
        pageToken = data.nextPageToken || undefined;
      } while (pageToken);
      const wanted = projectApis(deployment);
      const off = wanted.map((api) => `${api}.googleapis.com`).filter((api) => !enabled.has(api));
      if (off.length === 0) return ok('APIs', `${wanted.length} of ${wanted.length} are on`);
      const situation = await patient.look.situation();
      const saw = `off: ${off.join(', ')}`;
      if (situation === 'empty') return seen('not yet', 'APIs', saw, await patient.look.mend('apis'));
      return seen(
        situation === 'released' ? 'wrong' : 'not yet',
        'APIs',
        saw,
        `gcloud services enable ${off.join(' ')} --project ${deployment.project}`,
      );
    }),
};
