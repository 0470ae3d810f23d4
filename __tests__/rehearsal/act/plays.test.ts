import { spawnSync } from 'node:child_process';
import { expectations } from '../../../rehearsal/expectations';
import type { RunWorkflow } from '../../../rehearsal/act/play';
import { plays } from '../../../rehearsal/act/plays';
import type { EndedStep } from '../../../rehearsal/act/workflowRun';
import type { Stage } from '../../../rehearsal/stage';

const SHAS = ['aaaaaaa0', 'bbbbbbb0'];

/** What the workflows are told to have done, and what the cloud is like after each. */
interface World {
  code: number;
  steps: Record<string, EndedStep['result']>;
  /** The revision that serves. */
  serves: string;
  /** Those that have answered pages by their share. */
  answered: string[];
  reason: string;
}

const RELEASED = { Apply: 'success', 'Smoke, canary, promote': 'success', Reconcile: 'success' } as const;

/** How each play ends when all is well. */
const WELL: World[] = [
  { code: 0, steps: RELEASED, serves: 'bbbbbbb', answered: ['aaaaaaa', 'bbbbbbb'], reason: '' },
  {
    ...{ code: 0, steps: { 'Roll back': 'success', Status: 'success' }, serves: 'aaaaaaa' },
    ...{ answered: [], reason: '*' },
  },
];

/** The plays against a cloud of one page; play `changed` ends otherwise. @param first what serves after the bootstrap. */
async function playWith(
  changed = 0,
  difference: Partial<World> = {},
  { lost = 0, first = 'aaaaaaa' } = {},
): Promise<string> {
  let merges = 0;
  let world: World = { ...WELL[0]!, serves: first };
  let given = '';
  const stage = {
    context: () => ({
      ledger: { read: async () => ({ intent: { reason: world.reason === '*' ? given : world.reason } }) },
    }),
    revisions: () => SHAS.slice(0, merges).map((sha) => `ocr-${sha.slice(0, 7)}`),
    routed: (revision: string) => world.answered.filter((sha) => revision === `ocr-${sha}`).length,
    traffic: async () => `ocr-${world.serves} 100 %`,
  } as unknown as Stage;
  const repository = { directory: '', merge: async () => SHAS[merges++]! };
  let play = 0;
  const run: RunWorkflow = async ({ inputs }) => {
    given = inputs?.reason ?? '';
    world = { ...WELL[play]!, ...(play + 1 === changed && difference) };
    const steps = Object.entries(world.steps).map(([step, result]) => ({ job: 'j', step, result }));
    return { code: world.code, steps, lines: [] };
  };
  const person = {
    bootstrap: async () => undefined,
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
    expect(await playWith()).toBe('2 passed');
  });

  test.each<[string, number, Partial<World>, RegExp]>([
    [
      'a merge whose canary was skipped',
      1,
      { steps: { Apply: 'success' } },
      /"Smoke, canary, promote" ends in success/,
    ],
    [
      'a reconcile that does not run',
      1,
      { steps: { ...RELEASED, Reconcile: 'skipped' } },
      /"Reconcile" ends in success/,
    ],
    [
      'a merge that never met traffic',
      1,
      { answered: ['bbbbbbb'] },
      /both revisions answered pages; got \[0,1\]/,
    ],
    ['a merge that does not serve', 1, { serves: 'aaaaaaa' }, /bbbbbbb serves everything/],
    ['a workflow that fails although its steps did not', 1, { code: 1 }, /the workflow succeeds; got 1/],
    ['a rollback that moves nothing', 2, { serves: 'bbbbbbb' }, /aaaaaaa serves everything/],
    [
      'a rollback whose reason a shell has read',
      2,
      { reason: 'tables come out empty' },
      /reason as it was given/,
    ],
  ])('reject %s', async (_name, play, difference, message) => {
    const ended = await playWith(play, difference);
    expect(ended).toMatch(message);
    expect(ended).toMatch(new RegExp(`^play ${play}: `));
  });

  test('reject a canary that loses a page', async () => {
    expect(await playWith(0, {}, { lost: 1 })).toMatch(/^play 1: .*no page is lost; got 1 of 9/);
  });

  test('reject a bootstrap that serves nothing', async () => {
    expect(await playWith(0, {}, { first: 'nobody' })).toMatch(/serves everything; got ocr-nobody/);
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
      expect.stringMatching(/workflows under act: 0 passed, 0 failed, 2 skipped\n$/),
    ]);
  });
});
