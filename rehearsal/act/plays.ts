import type { Expectations } from '../expectations';
import type { LoadResult } from '../load';
import type { Stage } from '../stage';
import type { Repository } from '../repository';
import { expectSteps, type Play, RELEASE, type RunWorkflow } from './play';
import { WORKFLOW_DEPLOYMENT } from './project';
import type { WorkflowResult } from './workflowRun';

/** Lines that make another image of the same Dockerfile. */
const IMAGES = {
  A: 'LABEL release=A',
  B: 'LABEL release=B',
  crashing: 'LABEL release=C\nENV STAND_IN_FAULT=crash-at-start',
};
const SHORT_SHA = 7;
/** What no shell may take for an option or a command. */
const REASON = '--tables come out empty; $(exit 1) "`';

/** The workflows' story. Each play looks at what the steps did and at the local cloud, not at what they say. */
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
  const steps = (play: number, result: WorkflowResult, wanted: Readonly<Record<string, string>>) =>
    expectSteps(expectations, play, result, wanted);
  const traffic = async (play: number, revision: string) =>
    expect(
      play,
      `${revision} serves everything`,
      (await stage.traffic()) === `${revision} 100 %`,
      await stage.traffic(),
    );
  const made = (play: number, sha: string) =>
    expect(play, `the newest revision is of ${sha}`, newest().includes(sha.slice(0, SHORT_SHA)), newest());
  const deploy = (inputs?: Readonly<Record<string, string>>) =>
    runWorkflow({
      workflow: 'deploy.yml',
      event: inputs ? 'workflow_dispatch' : 'push',
      ...(inputs && { inputs }),
    });
  let a = '';
  let b = '';

  return [
    {
      title: 'a deploy before the first release: it stops before the approval, and a person bootstraps',
      async run(play) {
        const sha = await repository.merge('A', { image: IMAGES.A });
        const result = await deploy({ sha });
        expect(play, 'the workflow fails', result.code !== 0, result.code);
        const applies = result.steps.filter(({ step }) => step === 'Apply');
        expect(play, 'nothing waits for an approval', applies.length === 0, applies);
        expect(play, 'no revision was made', newest() === '', newest());
        const command = `bin/lightonocr bootstrap ${WORKFLOW_DEPLOYMENT} --run next`;
        expect(
          play,
          'it says what a person runs',
          result.lines.some((line) => line.includes(command)),
          'none',
        );
        await bootstrap(sha);
        made(play, sha);
        a = newest();
        await traffic(play, a);
      },
    },
    {
      title: 'a merge: build, plan, apply, canary, promote',
      async run(play) {
        const sha = await repository.merge('B', { image: IMAGES.B });
        const load = await startLoad();
        const result = await deploy().finally(() => load.stop());
        steps(play, result, { Apply: 'success', [RELEASE]: 'success', Reconcile: 'success' });
        made(play, sha);
        b = newest();
        await traffic(play, b);
        const { lost, sent } = await load.stop();
        expect(play, 'no page is lost', lost === 0, `${lost} of ${sent}`);
        expect(play, 'both revisions answered pages', routed(a) > 0 && routed(b) > 0, [routed(a), routed(b)]);
      },
    },
    {
      title: 'a merge whose apply fails: the container crashes',
      async run(play) {
        const sha = await repository.merge('crashing', { image: IMAGES.crashing });
        const result = await deploy();
        steps(play, result, { Apply: 'failure', Reconcile: 'success' });
        made(play, sha);
        expect(play, 'it never had traffic', routed(newest()) === 0, routed(newest()));
        await traffic(play, b);
      },
    },
    {
      title: 'a rollback, dispatched',
      async run(play) {
        const inputs = {
          deployment: WORKFLOW_DEPLOYMENT,
          reason: REASON,
          now: 'true',
        };
        const result = await runWorkflow({ workflow: 'rollback.yml', event: 'workflow_dispatch', inputs });
        steps(play, result, { 'Roll back': 'success', Status: 'success' });
        await traffic(play, a);
        const ledger = await stage.context('look').ledger.read();
        expect(
          play,
          'the ledger keeps the reason as it was given',
          ledger?.intent?.reason === REASON,
          ledger?.intent,
        );
      },
    },
  ];
}
