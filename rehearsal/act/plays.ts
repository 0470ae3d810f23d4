import type { Expectations } from '../expectations';
import type { LoadResult } from '../load';
import type { Stage } from '../stage';
import type { Repository } from '../repository';
import { expectSteps, type Play, RELEASE, type RunWorkflow } from './play';
import { WORKFLOW_DEPLOYMENT } from './project';

const IMAGES = { A: 'LABEL release=A', B: 'LABEL release=B' };
const SHORT_SHA = 7;
/** What no shell may take for an option or a command. */
const REASON = '--tables come out empty; $(exit 1) "`';

/** A deploy and a rollback. Each play looks at what the steps did and at the local cloud, not at what they say. */
export function plays(
  stage: Stage,
  repository: Repository,
  expectations: Expectations,
  runWorkflow: RunWorkflow,
  {
    bootstrap,
    startLoad,
  }: {
    /** The first release, which is a person's. */
    readonly bootstrap: (sha: string) => Promise<void>;
    readonly startLoad: () => Promise<{ stop(): Promise<LoadResult> }>;
  },
): Play[] {
  const { expect } = expectations;
  const { routed } = stage;
  const newest = () => stage.revisions().at(-1) ?? '';
  const serves = async (play: number, revision: string) =>
    expect(
      play,
      `${revision} serves everything`,
      (await stage.traffic()) === `${revision} 100 %`,
      await stage.traffic(),
    );
  let a = '';

  return [
    {
      title: 'a merge: build, plan, apply, canary, promote',
      async run(play) {
        await bootstrap(await repository.merge('A', { image: IMAGES.A }));
        a = newest();
        await serves(play, a);
        const sha = await repository.merge('B', { image: IMAGES.B });
        const load = await startLoad();
        const result = await runWorkflow({ workflow: 'deploy.yml', event: 'push' }).finally(() =>
          load.stop(),
        );
        const wanted = { Apply: 'success', [RELEASE]: 'success', Reconcile: 'success' };
        expectSteps(expectations, play, result, wanted);
        const b = newest();
        expect(play, `the newest revision is of ${sha}`, b.includes(sha.slice(0, SHORT_SHA)), b);
        await serves(play, b);
        const { lost, sent } = await load.stop();
        expect(play, 'no page is lost', lost === 0, `${lost} of ${sent}`);
        expect(play, 'both revisions answered pages', routed(a) > 0 && routed(b) > 0, [routed(a), routed(b)]);
      },
    },
    {
      title: 'a rollback, dispatched',
      async run(play) {
        const inputs = { deployment: WORKFLOW_DEPLOYMENT, reason: REASON, now: 'true' };
        const result = await runWorkflow({ workflow: 'rollback.yml', event: 'workflow_dispatch', inputs });
        expectSteps(expectations, play, result, { 'Roll back': 'success', Status: 'success' });
        await serves(play, a);
        const ledger = await stage.context('look').ledger.read();
        const reason = ledger?.intent?.reason;
        expect(play, 'the ledger keeps the reason as it was given', reason === REASON, ledger?.intent);
      },
    },
  ];
}
