import { GOLDEN_PAGE } from '../../rehearsal/stage';
import { rehearse } from '../../rehearsal/rehearse';
import { readReport, writeReport } from '../../rehearsal/writeReport';
import { REPORT } from '../operate/report/example';

/** One step that holds and releases nothing: there is no ledger that a report could be made of. */
jest.mock('../../rehearsal/scenario', () => ({
  scenario: () => [
    {
      number: 1,
      title: 'nothing',
      run: () => Promise.resolve({ revision: '', traffic: '', verdict: 'well' }),
    },
  ],
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
  async function played() {
    let printed = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => (printed += String(text)) !== '');
    const held = await rehearse({ page: GOLDEN_PAGE }).finally(() => jest.restoreAllMocks());
    return { held, printed };
  }

  test('does not hold when no report can be made, although every step did', async () => {
    const { held, printed } = await played();
    expect(held).toBe(false);
    expect(printed).toMatch(/step 1: expected that a report can be made of it; got .*ledger/);
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
        expect.objectContaining({ held: true, steps: [expect.objectContaining({ title: 'nothing' })] }),
      ],
    ]);
    expect(printed).toMatch(/^report: written\.html$/m);
  });
});
