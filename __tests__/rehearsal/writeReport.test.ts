import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RehearsalResult } from '../../rehearsal/result';
import { writeReport } from '../../rehearsal/writeReport';
import { REPORT } from '../operate/report/example';

const RESULT: RehearsalResult = {
  held: false,
  terraform: 'the stand-in',
  steps: [
    {
      number: 4,
      title: 'C answers with garbage',
      revision: '',
      traffic: 'B 100 %',
      verdict: 'put back',
      seconds: 2.345,
      held: false,
    },
  ],
  expectations: [
    { step: 4, text: 'C has no traffic', held: true, got: '0' },
    { step: 4, text: 'C is not served', held: false, got: '<10 %>' },
  ],
  seconds: 12,
  peakMemoryBytes: 0,
};

describe('writeReport', () => {
  test('writes the report with the steps and what did not hold, in a folder that it makes, and returns its path', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'rehearsal-')), 'new', 'report.html');
    expect(await writeReport(REPORT, RESULT, file)).toBe(file);
    const page = await readFile(file, 'utf8');
    const cells = [...page.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, cell]) => cell);
    expect(cells.slice(-12)).toEqual(
      [
        ['4', 'C answers with garbage', 'put back', '2.3'],
        ['4', 'C has no traffic', 'yes', ''],
        ['4', 'C is not served', 'no', '&lt;10 %&gt;'],
      ].flat(),
    );
    expect(page).toContain('tables came out empty, by ada');
  });
});
