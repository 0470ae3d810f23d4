import { spawnSync } from 'node:child_process';
import { expectations } from '../../../rehearsal/expectations';
import type { RunWorkflow } from '../../../rehearsal/act/play';
import { plays } from '../../../rehearsal/act/plays';
import type { EndedStep } from '../../../rehearsal/act/workflowRun';
import type { Stage } from '../../../rehearsal/stage';

const SHAS = ['aaaaaaa0', 'bbbbbbb0', 'ccccccc0'];

/** What the workflows are told to have done, and what the cloud is like after each. */
interface World {
  code: number;
  steps: Record<string, EndedStep['result']>;
  /** The revision that serves. */
  serves: string;
  /** Those that have answered pages by their share. */
  answered: string[];
  reason: string;
  /** What the steps say, and whether there is a revision, before a person has bootstrapped. */
  said?: string;
  early?: boolean;
}

const RELEASED = { Apply: 'success', 'Smoke, canary, promote': 'success', Reconcile: 'success' } as const;

/** How each play ends when all is well. */
const WELL: World[] = [
  {
    ...{ code: 1, steps: { Build: 'success' }, serves: 'aaaaaaa', answered: [], reason: '' },
    said: '  remedy: as an owner: bin/lightonocr bootstrap production --run next; else',
  },
  { code: 0, steps: RELEASED, serves: 'bbbbbbb', answered: ['aaaaaaa', 'bbbbbbb'], reason: '' },
  { code: 1, steps: { Apply: 'failure', Reconcile: 'success' }, serves: 'bbbbbbb', answered: [], reason: '' },
  {
    code: 0,
    steps: { 'Roll back': 'success', Status: 'success' },
    serves: 'aaaaaaa',
    answered: [],
    reason: '*',
  },
];

/** The plays against a cloud of one page; play `changed` ends otherwise. */
async function playWith(changed = 0, difference: Partial<World> = {}, lost = 0): Promise<string> {
  let merges = 0;
  let world = WELL[0]!;
  let given = '';
  let bootstrapped = '';
  const stage = {
    context: () => ({
      ledger: { read: async () => ({ intent: { reason: world.reason === '*' ? given : world.reason } }) },
    }),
    revisions: () =>
      SHAS.slice(0, bootstrapped || world.early ? merges : 0).map((sha) => `ocr-${sha.slice(0, 7)}`),
    routed: (revision: string) => world.answered.filter((sha) => revision === `ocr-${sha}`).length,
    traffic: async () => `ocr-${world.serves} 100 %`,
  } as unknown as Stage;
  const repository = { directory: '', merge: async () => SHAS[merges++]! };
  let play = 0;
  const run: RunWorkflow = async ({ inputs }) => {
    given = inputs?.reason ?? '';
    world = { ...WELL[play]!, ...(play + 1 === changed && difference) };
    const steps = Object.entries(world.steps).map(([step, result]) => ({ job: 'j', step, result }));
    return { code: world.code, steps, lines: [world.said ?? ''] };
  };
  const person = {
    bootstrap: async (sha: string) => void (bootstrapped = sha),
    startLoad: async () => ({ stop: async () => ({ sent: 9, lost, reasons: [] }) }),
  };
  for (const each of plays(stage, repository, expectations(), run, person)) {
    try {
      await each.run(play + 1);
    } catch (error) {
      return `play ${play + 1}: ${(error as Error).message}`;
    }
    play++;
  }
  return `${play} passed`;
}

describe('plays', () => {
  test('pass when steps and cloud are as they must be', async () => {
    expect(await playWith()).toBe('4 passed');
  });

  test.each<[string, number, Partial<World>, RegExp]>([
    ['a first deploy from GitHub that does not stop', 1, { code: 0 }, /the workflow fails; got 0/],
    [
      'a first deploy that asks for an approval all the same',
      1,
      { steps: { Apply: 'failure' } },
      /nothing waits for an approval/,
    ],
    ['a first deploy that makes a revision', 1, { early: true }, /no revision was made; got ocr-aaaaaaa/],
    ['a first deploy that does not say what to run', 1, { said: 'STOPPED' }, /says what a person runs/],
    ['a bootstrap that serves nothing', 1, { serves: 'nobody' }, /serves everything; got ocr-nobody/],
    [
      'a merge whose canary was skipped',
      2,
      { steps: { Apply: 'success' } },
      /"Smoke, canary, promote" ends in success/,
    ],
    [
      'a merge that never met traffic',
      2,
      { answered: ['bbbbbbb'] },
      /both revisions answered pages; got \[0,1\]/,
    ],
    ['a workflow that fails although its steps did not', 2, { code: 1 }, /the workflow succeeds; got 1/],
    ['an apply that does not fail', 3, { code: 0, steps: RELEASED }, /"Apply" ends in failure/],
    ['a failed apply of which the run tells nothing', 3, { code: 0 }, /the workflow fails; got 0/],
    [
      'a reconcile that does not run',
      3,
      { steps: { ...WELL[2]!.steps, Reconcile: 'skipped' } },
      /"Reconcile" ends in success/,
    ],
    ['a failed apply that got traffic', 3, { answered: ['ccccccc'] }, /it never had traffic; got 1/],
    ['a failed apply that moved traffic', 3, { serves: 'ccccccc' }, /bbbbbbb serves everything/],
    ['a rollback that moves nothing', 4, { serves: 'bbbbbbb' }, /aaaaaaa serves everything/],
    [
      'a rollback whose reason a shell has read',
      4,
      { reason: 'tables come out empty' },
      /reason as it was given/,
    ],
  ])('reject %s', async (_name, play, difference, message) => {
    const ended = await playWith(play, difference);
    expect(ended).toMatch(message);
    expect(ended).toMatch(new RegExp(`^play ${play}: `));
  });

  test('reject a canary that loses a page', async () => {
    expect(await playWith(0, {}, 1)).toMatch(/^play 2: .*no page is lost; got 1 of 9/);
  });
});

describe('rehearsal/act/main.ts', () => {
  test('counts every play as skipped where act is not installed', () => {
    const { status, stdout } = spawnSync(process.execPath, ['bin/start.js', 'rehearsal/act/main'], {
      encoding: 'utf8',
      env: { PATH: '/nonexistent', HOME: '/nonexistent' },
    });
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/workflows under act: 0 passed, 0 failed, 11 skipped\n$/),
    ]);
  });
});
