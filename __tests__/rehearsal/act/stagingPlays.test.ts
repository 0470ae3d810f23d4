import type { Deployment } from '../../../domain/deployment';
import { expectations } from '../../../rehearsal/expectations';
import type { RunWorkflow } from '../../../rehearsal/act/play';
import { stagingPlays } from '../../../rehearsal/act/stagingPlays';
import type { EndedStep } from '../../../rehearsal/act/workflowRun';
import type { Stage } from '../../../rehearsal/stage';

type Result = EndedStep['result'];
/** What a deployment is like after a play: revisions oldest first, and which one has the traffic. */
interface Site {
  revisions: readonly string[];
  serves: string;
  steps: Record<string, Result>;
}
interface Ending {
  code: number;
  staging: Site;
  production: Site;
  /** Seconds after production's revision was made at which staging says that it served. */
  servedLate: number;
  answered: number;
  lines: string[];
}

const RELEASED = { Apply: 'success', 'Smoke, canary, promote': 'success', Reconcile: 'success' } as const;
const FAILED = { ...RELEASED, 'Smoke, canary, promote': 'failure' } as const;
const SHAS = ['fffffffa', '0000000a', '1111111a', '2222222b'];
const [FIRST, LATE, S] = SHAS as [string, string, string];
const SUPERSEDED = { Plan: 'success', 'Nobody is asked': 'success', Apply: 'skipped' } as const;
const MADE = Date.parse('2026-01-01T00:00:00Z');

/** How each play ends when all is well. */
const WELL: Ending[] = [
  {
    code: 0,
    staging: { revisions: ['s-1111111'], serves: 's-1111111', steps: RELEASED },
    production: { revisions: ['p-0000000', 'p-1111111'], serves: 'p-1111111', steps: RELEASED },
    ...{ servedLate: -1, answered: 0, lines: [] },
  },
  {
    code: 0,
    staging: { revisions: ['s-1111111'], serves: 's-1111111', steps: SUPERSEDED },
    production: { revisions: ['p-0000000', 'p-1111111'], serves: 'p-1111111', steps: {} },
    ...{ servedLate: -1, answered: 0, lines: ['💬  ::notice::there is nothing to approve'] },
  },
  {
    code: 1,
    staging: { revisions: ['s-1111111', 's-2222222'], serves: 's-1111111', steps: FAILED },
    production: { revisions: ['p-0000000', 'p-1111111'], serves: 'p-1111111', steps: {} },
    ...{ servedLate: -1, answered: 5, lines: [] },
  },
];

/** The plays against a cloud of one page; play `changed` ends otherwise. Says how far they came, and what was done. */
async function playWith(changed = 0, change: (ending: Ending) => void = () => undefined) {
  const done: string[] = [];
  let merges = 0;
  let ending: Ending = { ...structuredClone(WELL[0]!), staging: { revisions: [], serves: '', steps: {} } };
  const [production, staging] = ['production', 'staging'].map((name) => ({ name, service: name })) as [
    Deployment,
    Deployment,
  ];
  const site = (name: string) => (name === 'staging' ? ending.staging : ending.production);
  const stage = {
    context: () => ({
      deployment: production,
      ledger: {
        read: async () => ({
          releases: [
            {
              sha: S,
              state: 'served',
              updatedAt: new Date(MADE + ending.servedLate * 1000).toISOString(),
            },
          ],
        }),
      },
    }),
    cloud: {
      run: {
        revisions: () => [{ createTime: new Date(MADE).toISOString() }],
      },
    },
    revisions: ({ name }: Deployment) => site(name).revisions,
    routed: () => ending.answered,
    traffic: async ({ name }: Deployment) => `${site(name).serves} 100 %`,
  } as unknown as Stage;
  const repository = {
    directory: '',
    merge: async () => {
      done.push('merge');
      return SHAS[merges++]!;
    },
  };
  let play = 0;
  const run: RunWorkflow = async ({ event, commit = '' }) => {
    done.push(`${event} ${commit}`.trim());
    ending = structuredClone(WELL[play]!);
    if (play + 1 === changed) change(ending);
    const steps = (name: string) =>
      Object.entries(site(name).steps).map(([step, result]) => ({ job: `${name}/release`, step, result }));
    return { code: ending.code, steps: [...steps('staging'), ...steps('production')], lines: ending.lines };
  };
  const plays = stagingPlays(
    stage,
    repository,
    expectations(),
    run,
    {
      deployment: staging,
      join: async () => void done.push('join'),
      leave: async () => void done.push('leave'),
    },
    {
      bootstrap: async (sha, { name }) => void done.push(`bootstrap ${name} ${sha}`),
      startLoad: async ({ name }) => {
        done.push(`load on ${name}`);
        return { stop: async () => ({ sent: 9, lost: 0, reasons: [] }) };
      },
    },
  );
  for (const each of plays) {
    try {
      await each.run(play + 1);
    } catch (error) {
      return { ended: `play ${play + 1}: ${(error as Error).message}`, done };
    }
    play++;
  }
  return { ended: `${play} passed`, done };
}

describe('stagingPlays', () => {
  test('pass when both deployments are as they must be; a person has bootstrapped staging first, and it is gone at the end', async () => {
    const { ended, done } = await playWith();
    expect(ended).toBe('3 passed');
    expect(done).toEqual([
      ...['join', 'merge', `bootstrap staging ${FIRST}`, 'merge', 'merge', 'push'],
      `push ${LATE}`,
      ...['merge', 'load on staging', 'push', 'leave'],
    ]);
  });

  test.each<[string, number, (ending: Ending) => void, RegExp]>([
    [
      'a staging that is passed over',
      1,
      ({ staging }) => (staging.steps = {}),
      /"Apply" ends in success; got $/,
    ],
    [
      'a production that is not released',
      1,
      ({ production }) => (production.steps = { ...RELEASED, Apply: 'skipped' }),
      /"Apply" ends in success/,
    ],
    [
      'a production that has no revision of it',
      1,
      ({ production }) => (production.revisions = ['p-0000000']),
      /production has a revision of it; got p-0000000/,
    ],
    [
      'a staging that does not serve it',
      1,
      ({ staging }) => (staging.serves = 'nobody'),
      /serves all of staging/,
    ],
    [
      'a production that does not wait for staging',
      1,
      (ending) => (ending.servedLate = 1),
      /before production had a revision/,
    ],
    [
      'a superseded run that is applied',
      2,
      ({ staging }) => (staging.steps = { ...SUPERSEDED, ...RELEASED }),
      /nothing is applied, and nobody is asked/,
    ],
    ['a superseded run that fails', 2, (ending) => (ending.code = 1), /the workflow succeeds; got 1/],
    ['a superseded run that does not say so', 2, (ending) => (ending.lines = []), /a notice says so/],
    [
      'a superseded run that goes on to production',
      2,
      ({ production }) => (production.steps = SUPERSEDED),
      /no step of production runs/,
    ],
    [
      'a superseded run that moves traffic',
      2,
      ({ staging }) => (staging.serves = 's-0000000'),
      /s-1111111 serves all of staging/,
    ],
    [
      'an unhealthy candidate that staging keeps',
      3,
      ({ staging }) => (staging.serves = 's-2222222'),
      /s-1111111 serves all of staging/,
    ],
    [
      'a canary that calls it healthy',
      3,
      (ending) => {
        ending.code = 0;
        ending.staging.steps = RELEASED;
      },
      /ends in failure/,
    ],
    ['a candidate that nobody asked', 3, (ending) => (ending.answered = 0), /traffic on staging; got 0/],
    ['a failed run that says it is well', 3, (ending) => (ending.code = 0), /the workflow fails; got 0/],
    [
      'a production that begins all the same',
      3,
      ({ production }) => (production.steps = { Apply: 'failure' }),
      /no step of production runs/,
    ],
    [
      'a candidate that comes to production',
      3,
      ({ production }) => (production.revisions = [...production.revisions, 'p-2222222']),
      /production has no revision of it; got p-2222222/,
    ],
    [
      'a production that has lost its traffic',
      3,
      ({ production }) => (production.serves = 'nobody'),
      /p-1111111 serves all of production; got nobody/,
    ],
  ])('reject %s', async (_what, play, change, message) => {
    const { ended } = await playWith(play, change);
    expect(ended).toMatch(message);
    expect(ended).toMatch(new RegExp(`^play ${play}: `));
  });
});
