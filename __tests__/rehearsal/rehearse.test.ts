import type { Defence } from '../../rehearsal/defences';
import { GOLDEN_PAGE } from '../../rehearsal/stage';
import { rehearse } from '../../rehearsal/rehearse';
import { readReport, writeReport } from '../../rehearsal/writeReport';
import { REPORT } from '../operate/report/example';

/** Steps that hold and release nothing: there is no ledger that a report could be made of. */
jest.mock('../../rehearsal/scenario', () => ({
  scenario: () =>
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => ({
      number,
      title: 'nothing',
      run: () => Promise.resolve({ revision: '', traffic: '', verdict: 'well' }),
    })),
}));

jest.mock('../../rehearsal/writeReport', () => ({
  readReport: jest.fn(
    jest.requireActual<typeof import('../../rehearsal/writeReport')>('../../rehearsal/writeReport')
      .readReport,
  ),
  writeReport: jest.fn(),
}));

describe('rehearse', () => {
  test('rejects a page that is none before anything starts', async () => {
    await expect(rehearse({ page: __filename })).rejects.toMatchObject({
      code: 'UNREADABLE_PAGE',
      exitCode: 2,
      where: __filename,
    });
  });

  /** Whether it held, and what it printed. */
  async function played(without?: Defence) {
    let printed = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => (printed += String(text)) !== '');
    const held = await rehearse({ page: GOLDEN_PAGE, ...(without && { without }) }).finally(() =>
      jest.restoreAllMocks(),
    );
    return { held, printed };
  }

  test('does not hold when no report can be made, although every step did', async () => {
    const { held, printed } = await played();
    expect(held).toBe(false);
    expect(printed).toMatch(/step 9: expected that a report can be made of it; got .*ledger/);
    expect(writeReport).not.toHaveBeenCalled();
  });

  test('writes a report of what it did, and prints its path', async () => {
    jest.mocked(readReport).mockResolvedValueOnce(REPORT);
    jest.mocked(writeReport).mockResolvedValueOnce('written.html');
    const { held, printed } = await played();
    expect(held).toBe(true);
    expect(jest.mocked(writeReport).mock.calls).toEqual([
      [
        REPORT,
        expect.objectContaining({
          held: true,
          steps: Array.from({ length: 9 }, () => expect.objectContaining({ title: 'nothing' })),
        }),
      ],
    ]);
    expect(printed).toMatch(/^report: written\.html$/m);
  });

  test.each([
    ['smoke', [1, 2, 3, 4]],
    ['canary', [1, 2, 3, 5]],
    ['guard', [1, 2, 3, 6]],
    ['hold', [1, 2, 3, 7]],
  ] as const)('without %s plays the steps %j alone', async (without, steps) => {
    const { printed } = await played(without);
    expect([...printed.matchAll(/^step (\d): nothing$/gm)].map(([, step]) => Number(step))).toEqual(steps);
  });
});
