import { Failure } from '../../domain/failure';
import { checkGate } from '../../release/gate';
import { github } from '../../release/github';
import { type Check, lookAt, ok, type Patient, seen } from './check';

/** Where GitHub can be asked: with whose token. */
export interface GithubAccess {
  readonly apiUrl: string;
  readonly token: string;
}

/** Whether somebody has to approve a deploy. Only with a token, and only where the deployment names a repository. */
export const gate = (access: GithubAccess | undefined): Check => ({
  id: 'gate',
  about: 'whether somebody approves a deploy; only with GITHUB_TOKEN',
  run: async (patient: Patient) => {
    const { deployment } = patient.context;
    const { repository } = deployment.github;
    if (access === undefined || repository === undefined) return [];
    const subject = `GitHub environment ${deployment.name}`;
    return lookAt(patient, subject, async () => {
      try {
        const { rules } = await checkGate(github({ ...access, repository }), deployment.name);
        return ok(subject, `asks first: ${rules.join(', ')}`);
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'NO_GATE') throw error;
        return seen('wrong', subject, `${error.message} (${error.got})`, error.remedy);
      }
    });
  },
});
