import { gateResult } from '../../scripts/gateResult';

const none = { passed: 0, failed: 0, skipped: 0, failures: [] };

describe('gateResult', () => {
  test('counts as jest counts, and names what failed once', () => {
    const test = '  \x1b[1m● openJsonLines › keeps no text in memory\x1b[22m\n';
    const output = `FAIL a.test.ts\n${test}\nSummary of all failing tests\n${test}\nTests:       1 failed, 2 skipped, 1 todo, 30 passed, 34 total\n`;
    expect(gateResult(output, 1)).toEqual({
      passed: 30,
      failed: 1,
      skipped: 3,
      failures: ['openJsonLines › keeps no text in memory'],
    });
  });

  test('names the files of suites that could not be loaded, and takes no heading of what was printed for a failure', () => {
    const suite = (file: string) =>
      `FAIL ${file} (3 s)\n  ● Console\n\n  ● Test suite failed to run\n\n    SyntaxError\n`;
    const output = `${suite('__tests__/a.test.ts')}${suite('__tests__/b.test.ts')}Tests:       30 passed, 30 total\n`;
    expect(gateResult(output, 1).failures).toEqual([
      '__tests__/a.test.ts: Test suite failed to run',
      '__tests__/b.test.ts: Test suite failed to run',
    ]);
  });

  test('counts as the project’s own scripts count', () => {
    const output = 'passed: actionlint\nfailed: zizmor\nworkflows: 1 passed, 1 failed, 3 skipped\n';
    expect(gateResult(output, 1)).toEqual({ passed: 1, failed: 1, skipped: 3, failures: ['zizmor'] });
    expect(gateResult('defences: 4 passed, 0 failed\n', 0)).toEqual({ ...none, passed: 4 });
  });

  test('counts a gate that counts nothing as one', () => {
    expect(gateResult('All matched files use Prettier code style!\n', 0)).toEqual({ ...none, passed: 1 });
  });

  test('shows the last lines of a gate that failed and names nothing', () => {
    const output = `${[1, 2, 3, 4, 5, 6].map((line) => `line ${line}`).join('\n\n')}\n`;
    const failures = ['line 2', 'line 3', 'line 4', 'line 5', 'line 6'];
    expect(gateResult(output, 2)).toEqual({ ...none, failed: 1, failures });
  });

  test('counts a failure when a gate ends with one, whatever it counted', () => {
    expect(gateResult('Tests:       30 passed, 30 total\n', 137)).toMatchObject({ passed: 30, failed: 1 });
  });

  test('names no failures of a gate that passed: it may print a test’s own output', () => {
    expect(gateResult('failed: as it should\nbench: 3 passed, 0 failed\n', 0)).toEqual({
      ...none,
      passed: 3,
    });
  });
});
