import { expectations } from '../../../rehearsal/expectations';
import type { Post } from '../../../rehearsal/act/githubApi';
import type { RunWorkflow } from '../../../rehearsal/act/play';
import { roundPlays } from '../../../rehearsal/act/roundPlays';
import type { EndedStep } from '../../../rehearsal/act/workflowRun';
import type { Stage } from '../../../rehearsal/stage';

/** What goes otherwise than it should. */
interface Fault {
  steps?: Record<string, EndedStep['result']>;
  code?: number;
  /** What the comment on a pull request says. */
  comment?: string;
  /** A plan that makes a revision. */
  makesRevision?: boolean;
  /** A fork's review that comments, or does not say what it is made of. */
  forkComments?: boolean;
  silentFork?: boolean;
  /** `reconcile` that does nothing, a runner that takes its traffic back. */
  keepsTraffic?: boolean;
  orderly?: boolean;
  /** `drift` that opens, and that closes nothing. */
  blind?: boolean;
  sticky?: boolean;
}

const COMMENT = '### Plan for `production service`: new revision x, 0 % traffic\nnot built yet';

/** The plays against a cloud of one page; says which did not go as expected, and why. */
async function playWith(fault: Fault = {}): Promise<string> {
  const comments: Post[] = [];
  const issues: Post[] = [];
  const post = (body: string): Post => ({ id: 1, number: 1, user: { login: 'bot' }, body });
  let candidate = 0;
  let ingress = 'INGRESS_TRAFFIC_ALL';
  const stage = {
    context: () => ({
      deployment: { project: 'p', region: 'r', service: 'ocr' },
      call: async (_api: string, { body }: { body: { ingress: string } }) => (ingress = body.ingress),
      ledger: { read: async () => ({ lease: { holder: 'run-3', expiresAt: new Date(0).toISOString() } }) },
      clock: { now: () => new Date(), sleep: async () => undefined },
    }),
    cloud: {
      run: {
        service: () => ({
          trafficStatuses: [
            { revision: 'old', percent: 100 - candidate },
            { revision: 'new', percent: candidate },
          ],
        }),
      },
    },
    revisions: () => [candidate > 0 ? 'new' : 'old'],
    traffic: async () => (candidate > 0 ? `new ${candidate} %, old ${100 - candidate} %` : 'old 100 %'),
  } as unknown as Stage;
  const run: RunWorkflow = async ({ workflow, payload, signal }) => {
    const lines: string[] = [];
    let steps: Record<string, EndedStep['result']> = {};
    if (workflow === 'plan.yml') {
      const isFork = JSON.stringify(payload).includes('somebody/fork');
      steps = {
        [isFork ? 'Review against the base branch' : 'Plan']: 'success',
        'Either of them': 'success',
      };
      if (!isFork || fault.forkComments) comments.push(post(fault.comment ?? COMMENT));
      if (isFork && !fault.silentFork) lines.push('neither the state nor the cloud was read');
      if (fault.makesRevision) candidate = 1;
    } else if (workflow === 'deploy.yml') {
      candidate = 10;
      await new Promise((resolve) => signal!.addEventListener('abort', resolve));
      if (fault.orderly) candidate = 0;
    } else if (workflow === 'reconcile.yml') {
      steps = { Reconcile: 'success' };
      if (!fault.keepsTraffic) candidate = 0;
    } else {
      steps = { Drift: 'success' };
      if (ingress !== 'INGRESS_TRAFFIC_ALL') {
        if (!fault.blind) issues.push(post(ingress));
      } else if (!fault.sticky) issues[0]!.state = 'closed';
    }
    const all = Object.entries({ ...steps, ...fault.steps });
    return {
      code: fault.code ?? 0,
      steps: all.map(([step, result]) => ({ job: 'j', step, result })),
      lines,
    };
  };
  const repository = { directory: '', merge: async () => 'abcdef0' };
  const where = { name: 'example/lightonocr', base: 'abc' };
  let passed = 0;
  for (const play of roundPlays(stage, repository, expectations(), run, { comments, issues }, where)) {
    try {
      await play.run(passed + 1);
    } catch (error) {
      return `play ${passed + 1}: ${(error as Error).message}`;
    }
    passed++;
  }
  return `${passed} passed`;
}

describe('roundPlays', () => {
  test('pass when steps, cloud and GitHub are as they must be', async () => {
    expect(await playWith()).toBe('4 passed');
  });

  test.each<[string, Fault, RegExp]>([
    ['a plan that fails', { steps: { Plan: 'failure' } }, /^play 1: .*"Plan" ends in success/],
    ['a workflow that fails although its steps did not', { code: 1 }, /^play 1: .*workflow succeeds; got 1/],
    ['a required check that is skipped', { steps: { 'Either of them': 'skipped' } }, /^play 1: .*"Either/],
    ['a comment about nothing', { comment: 'production service: no changes' }, /^play 1: .*new revision/],
    [
      'a comment that hides the placeholder',
      { comment: 'production service: 0 % traffic' },
      /^play 1: .*not built/,
    ],
    ['a plan that applies', { makesRevision: true }, /^play 1: .*no revision was made; got new/],
    ['a fork that gets a comment', { forkComments: true }, /^play 2: .*nobody comments; got 2/],
    ['a fork whose review does not say what it is', { silentFork: true }, /^play 2: .*does not know/],
    ['a runner that died in order', { orderly: true }, /^play 3: .*leaves traffic on its candidate/],
    ['a reconcile that moves nothing', { keepsTraffic: true }, /^play 3: .*traffic is where it was/],
    ['a drift that nobody sees', { blind: true }, /^play 4: .*one issue is open/],
    ['an issue that stays open', { sticky: true }, /^play 4: .*it is closed/],
  ])('reject %s', async (_what, fault, message) => {
    expect(await playWith(fault)).toMatch(message);
  });
});
