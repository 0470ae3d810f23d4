import { servicePath } from '../../domain/names';
import { sharesOf, type TrafficTarget } from '../../domain/releases/traffic';
import type { Expectations } from '../expectations';
import type { Repository } from '../repository';
import type { Stage } from '../stage';
import type { GithubApi } from './githubApi';
import { expectSteps, type Play, type RunWorkflow, sound } from './play';

const PULL_REQUEST = 7;
/** Between two looks at a runner that is to be killed. */
const LOOK_MILLISECONDS = 200;

/** What happens round a release: pull requests before it, a runner that dies in it, drift after it. */
export function roundPlays(
  stage: Stage,
  repository: Repository,
  expectations: Expectations,
  runWorkflow: RunWorkflow,
  github: Pick<GithubApi, 'comments' | 'issues'>,
  { name, base }: { readonly name: string; readonly base: string },
): Play[] {
  const { expect } = expectations;
  const { deployment } = stage.context('look');
  const newest = () => stage.revisions().at(-1) ?? '';
  const comment = () => github.comments.find(({ body }) => body.includes('production service'))?.body ?? '';
  /** A pull request of a commit of this repository, or of a fork of it. */
  const pullRequest = (from: string) =>
    runWorkflow({
      workflow: 'plan.yml',
      event: 'pull_request',
      payload: {
        number: PULL_REQUEST,
        pull_request: {
          number: PULL_REQUEST,
          labels: [],
          head: { ref: 'change', repo: { full_name: from } },
          base: { ref: 'main', sha: base },
        },
      },
    });
  const byHand = (ingress: string) =>
    stage.context('somebody').call('run', {
      method: 'PATCH',
      path: `/v2/${servicePath(deployment)}`,
      query: { updateMask: 'ingress' },
      body: { ingress },
    });
  const drift = () => runWorkflow({ workflow: 'drift.yml', event: 'workflow_dispatch' });

  return [
    {
      title: 'a pull request that changes the container: reviewed against the cloud, in a comment',
      async run(play) {
        await repository.merge('a pull request', { image: sound('P') });
        const revisions = newest();
        const result = await pullRequest(name);
        expectSteps(expectations, play, result, { Plan: 'success', 'Either of them': 'success' });
        expect(play, 'a comment tells of the new revision', comment().includes('0 % traffic'), comment());
        expect(play, 'and that its image is not built', comment().includes('not built yet'), comment());
        expect(play, 'no revision was made', newest() === revisions, newest());
      },
    },
    {
      title: 'a pull request of a fork: reviewed from the code alone, without a word on GitHub',
      async run(play) {
        const comments = github.comments.length;
        const result = await pullRequest('somebody/fork');
        const review = 'Review against the base branch';
        expectSteps(expectations, play, result, { [review]: 'success', 'Either of them': 'success' });
        const planned = result.steps.filter(({ step }) => step === 'Plan');
        expect(play, 'nothing is planned against the cloud', planned.length === 0, planned);
        const verdict = 'neither the state nor the cloud was read';
        const said = result.lines.some((line) => line.includes(verdict));
        expect(play, 'the review says what it does not know', said, 'nothing of it');
        expect(play, 'nobody comments', github.comments.length === comments, github.comments.length);
      },
    },
    {
      title: 'a runner that is killed in its canary: reconcile puts traffic back',
      async run(play) {
        const stable = await stage.traffic();
        await repository.merge('killed', { image: sound('K') });
        const runner = new AbortController();
        const before = newest();
        const killed = setInterval(() => {
          const live = stage.cloud.run.service(deployment.service)?.trafficStatuses ?? [];
          const candidate = newest();
          if (candidate !== before && sharesOf(live as readonly TrafficTarget[]).has(candidate))
            runner.abort();
        }, LOOK_MILLISECONDS);
        const deploy = { workflow: 'deploy.yml', event: 'push', signal: runner.signal } as const;
        await runWorkflow(deploy).finally(() => clearInterval(killed));
        expect(play, 'it was killed', runner.signal.aborted, await stage.traffic());
        const left = await stage.traffic();
        expect(play, 'the dead runner leaves traffic on its candidate', left !== stable, left);

        const { ledger, clock } = stage.context('look');
        const { lease } = (await ledger.read()) ?? {};
        expect(play, 'and its lease', lease !== undefined, 'none');
        await clock.sleep((Date.parse(lease!.expiresAt) - clock.now().getTime()) / 1000 + 1);
        const result = await runWorkflow({ workflow: 'reconcile.yml', event: 'workflow_dispatch' });
        expectSteps(expectations, play, result, { Reconcile: 'success' });
        expect(
          play,
          `traffic is where it was, ${stable}`,
          (await stage.traffic()) === stable,
          await stage.traffic(),
        );
      },
    },
    {
      title: 'a change by hand: drift opens an issue, which closes itself',
      async run(play) {
        await byHand('INGRESS_TRAFFIC_INTERNAL_ONLY');
        expectSteps(expectations, play, await drift(), { Drift: 'success' });
        const [issue] = github.issues;
        expect(
          play,
          'one issue is open',
          github.issues.length === 1 && issue?.state !== 'closed',
          github.issues,
        );
        expect(
          play,
          'it names the change',
          issue!.body.includes('INGRESS_TRAFFIC_INTERNAL_ONLY'),
          issue!.body,
        );
        await byHand('INGRESS_TRAFFIC_ALL');
        expectSteps(expectations, play, await drift(), { Drift: 'success' });
        expect(play, 'it is closed', github.issues.length === 1 && issue!.state === 'closed', github.issues);
      },
    },
  ];
}
