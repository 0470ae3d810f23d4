import type { Deployment } from '../../domain/deployment';
import type { Expectations } from '../expectations';
import type { LoadResult } from '../load';
import type { Repository } from '../repository';
import type { Stage } from '../stage';
import { expectSteps, type Play, RELEASE, type RunWorkflow, sound } from './play';
import type { Staging } from './project';
import type { WorkflowResult } from './workflowRun';

const UNHEALTHY = 'LABEL release=U\nENV STAND_IN_FAULT=errors-after:6';

/** A staging before production: what served there goes on, what did not does not. It is gone again at the end. */
export function stagingPlays(
  stage: Stage,
  repository: Repository,
  expectations: Expectations,
  runWorkflow: RunWorkflow,
  staging: Staging,
  {
    bootstrap,
    startLoad,
  }: {
    /** The first release, which is a person's. */
    readonly bootstrap: (sha: string, deployment: Deployment) => Promise<void>;
    readonly startLoad: (deployment: Deployment) => Promise<{ stop(): Promise<LoadResult> }>;
  },
): Play[] {
  const { expect } = expectations;
  const { deployment: production } = stage.context('look');
  const newest = (of: Deployment) => stage.revisions(of).at(-1) ?? '';
  const part = ({ name }: Deployment, { code, steps }: WorkflowResult): WorkflowResult => ({
    ...{ code, lines: [] },
    steps: steps.filter(({ job }) => job.split('/').includes(name)),
  });
  const serves = async (play: number, deployment: Deployment, revision: string) => {
    const traffic = await stage.traffic(deployment);
    expect(play, `${revision} serves all of ${deployment.name}`, traffic === `${revision} 100 %`, traffic);
  };

  const doesNotBegin = (play: number, result: WorkflowResult) => {
    const { steps } = part(production, result);
    expect(play, 'no step of production runs', steps.length === 0, steps);
  };
  /** A commit with a staging that a newer one overtakes. */
  let late = '';

  return [
    {
      title: 'staging joins: a deploy goes there first, and to production once it served',
      async run(play) {
        await staging.join();
        const first = await repository.merge('staging joins', { image: sound('of staging') });
        await bootstrap(first, staging.deployment);
        late = await repository.merge('late', { document: 'late' });
        const sha = await repository.merge('S', { image: sound('S') });
        const result = await runWorkflow({ workflow: 'deploy.yml', event: 'push' });
        for (const deployment of [staging.deployment, production]) {
          const wanted = { Apply: 'success', [RELEASE]: 'success', Reconcile: 'success' };
          expectSteps(expectations, play, part(deployment, result), wanted);
          const revision = newest(deployment);
          expect(
            play,
            `${deployment.name} has a revision of it`,
            revision.includes(sha.slice(0, 7)),
            revision,
          );
          await serves(play, deployment, revision);
        }
        const ledger = await stage.context('look', staging.deployment).ledger.read();
        const served = ledger?.releases.find((release) => release.sha === sha && release.state === 'served');
        const made = String(stage.cloud.run.revisions(production.service).at(-1)?.createTime);
        expect(
          play,
          'it served on staging before production had a revision of it',
          served !== undefined && Date.parse(served.updatedAt) <= Date.parse(made),
          [served?.updatedAt, made],
        );
      },
    },
    {
      title: 'an older merge that comes late: superseded on staging, and production does not begin',
      async run(play) {
        const stable = newest(staging.deployment);
        const live = newest(production);
        const result = await runWorkflow({ workflow: 'deploy.yml', event: 'push', commit: late });
        const wanted = { Plan: 'success', 'Nobody is asked': 'success' };
        expectSteps(expectations, play, part(staging.deployment, result), wanted);
        const ran = result.steps.filter(({ step, result }) => step === 'Apply' && result !== 'skipped');
        expect(play, 'nothing is applied, and nobody is asked', ran.length === 0, ran);
        const said = result.lines.some((line) => line.includes('there is nothing to approve'));
        expect(play, 'a notice says so', said, 'none');
        doesNotBegin(play, result);
        await serves(play, staging.deployment, stable);
        await serves(play, production, live);
      },
    },
    {
      title: 'a merge whose candidate is unhealthy under load on staging: it never reaches production',
      async run(play) {
        const stable = newest(staging.deployment);
        const live = newest(production);
        await repository.merge('unhealthy', { image: UNHEALTHY });
        const load = await startLoad(staging.deployment);
        const deploy = runWorkflow({ workflow: 'deploy.yml', event: 'push' });
        const result = await deploy.finally(() => load.stop());
        const wanted = { Apply: 'success', [RELEASE]: 'failure', Reconcile: 'success' };
        expectSteps(expectations, play, part(staging.deployment, result), wanted);
        const candidate = newest(staging.deployment);
        const answered = stage.routed(candidate);
        expect(play, 'it had traffic on staging', candidate !== stable && answered > 0, answered);
        await serves(play, staging.deployment, stable);
        doesNotBegin(play, result);
        expect(play, 'production has no revision of it', newest(production) === live, newest(production));
        await serves(play, production, live);
        await staging.leave();
      },
    },
  ];
}
