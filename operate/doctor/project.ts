import { PROJECT_APIS } from '../../domain/apis';
import { type Check, lookAt, ok, seen } from './check';
import { found } from './look';

/** Credentials, and the project that the deployment names. */
export const project: Check = {
  id: 'project',
  about: 'credentials, and the project',
  run: async (patient) => {
    const { context } = patient;
    const { project: id, name } = context.deployment;
    const subject = `project ${id}`;
    const edit = `write your own project's id as \`project\` in deployments/${name}.yaml (gcloud projects list)`;
    return lookAt(patient, subject, async () => {
      const path = `/v1/projects/${id}`;
      const state = (await found<{ lifecycleState?: string }>(context, 'cloudresourcemanager', path))
        ?.lifecycleState;
      if (state === undefined) return seen('wrong', subject, 'there is no such project', edit);
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
      const off = PROJECT_APIS.map((api) => `${api}.googleapis.com`).filter((api) => !enabled.has(api));
      if (off.length === 0) return ok('APIs', `${PROJECT_APIS.length} of ${PROJECT_APIS.length} are on`);
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
