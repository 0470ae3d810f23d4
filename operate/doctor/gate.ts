import { Failure } from '../../domain/failure';
import { checkGate } from '../../release/verbs/gate';
import { type Github, github } from '../../release/adapters/github';
import { type Check, lookAt, ok, type Patient, seen, type Seen } from './check';

/** Where GitHub can be asked: with whose token. */
export interface GithubAccess {
  readonly apiUrl: string;
  readonly token: string;
}

/** Whether somebody has to approve a deploy. Only with a token, and only where the deployment names a repository. */
export const gate = (access: GithubAccess | undefined): Check => ({
  id: 'gate',
  about: 'whether somebody approves a deploy, and drift is looked for; only with GITHUB_TOKEN',
  run: async (patient: Patient) => {
    const { deployment } = patient.context;
    const { repository } = deployment.github;
    if (access === undefined || repository === undefined) return [];
    const repo = github({ ...access, repository });
    const subject = `GitHub environment ${deployment.name}`;
    const looks = [
      lookAt(patient, subject, () => approval(repo, subject, deployment.name)),
      lookAt(patient, 'code owners', () => codeOwners(repo)),
      lookAt(patient, 'drift', () => driftRuns(repo, patient.context.clock.now().getTime())),
    ];
    return (await Promise.all(looks)).flat();
  },
});

async function approval(repo: Github, subject: string, environment: string): Promise<Seen> {
  try {
    const { rules } = await checkGate(repo, environment);
    return ok(subject, `asks first: ${rules.join(', ')}`);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'NO_GATE') throw error;
    return seen('wrong', subject, `${error.message} (${error.got})`, error.remedy);
  }
}

async function codeOwners(repo: Github): Promise<Seen> {
  const errors = await repo.codeownersErrors();
  if (errors.length === 0) return ok('code owners', 'GitHub knows all of them');
  return seen(
    'wrong',
    'code owners',
    `asks nobody for a review: ${errors.join('; ')}`,
    'mend .github/CODEOWNERS',
  );
}

const DRIFT = 'drift.yml';
/** It runs every day, and GitHub may be hours late. */
const LATE_MILLISECONDS = 2 * 24 * 3600 * 1000;

/** A schedule that GitHub has ended is silent: no run, no failure, no mail after the first. */
async function driftRuns(repo: Github, now: number): Promise<Seen> {
  const mend = `gh workflow enable ${DRIFT} && gh workflow run ${DRIFT}`;
  const found = await repo.schedule(DRIFT);
  if (found === undefined)
    return seen('wrong', 'drift', `the repository has no ${DRIFT}`, 'push the workflows');
  const { state, lastRunAt } = found;
  if (state !== 'active') {
    const why = state === 'disabled_inactivity' ? ': no commit for 60 days in a public repository' : '';
    return seen('wrong', 'drift', `GitHub runs ${DRIFT} no more (${state}${why})`, mend);
  }
  if (lastRunAt === undefined || now - Date.parse(lastRunAt) > LATE_MILLISECONDS)
    return seen('wrong', 'drift', `last run: ${lastRunAt ?? 'never'}; it is due every day`, mend);
  return ok('drift', `last run ${lastRunAt}`);
}
