import { spawnSync } from 'node:child_process';
import { misses as cliMisses } from '../../scripts/bench/cli';
import { misses } from '../../scripts/bench/synth';
import { misses as testMisses } from '../../scripts/bench/tests';
import { measure } from '../../scripts/measure';
import { runSections } from '../../scripts/runSections';
import { rootImports } from '../../scripts/stockStyle';
import { childSeconds } from '../../scripts/treeCpu';

describe('scripts/bench.ts', () => {
  test('rejects a section that there is not, and says which there are', () => {
    const { status, stdout } = spawnSync(process.execPath, ['bin/start.js', 'scripts/bench', 'nothing'], {
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([2, expect.stringMatching(/^there is no section nothing; .*synth/)]);
  });
});

describe('runSections', () => {
  const section = (...found: string[]) => ({ title: 'a title', run: async () => found });

  test('passes when every section keeps its limit', async () => {
    const lines: string[] = [];
    expect(await runSections({ a: section(), b: section() }, (line) => lines.push(line))).toBe(0);
    expect(lines.at(-1)).toBe('bench: 2 passed, 0 failed');
  });

  test('fails when one does not, says by how much, and still runs the others', async () => {
    const lines: string[] = [];
    const sections = { a: section('time: 5.90 times, not 6'), b: section() };
    expect(await runSections(sections, (line) => lines.push(line))).toBe(1);
    expect(lines).toEqual([
      'a: a title',
      '  MISSED: time: 5.90 times, not 6',
      'b: a title',
      'bench: 1 passed, 1 failed',
    ]);
  });
});

describe('misses of the command line', () => {
  const GOOD = { bare: 0.08, help: 0.15, status: 0.25, statusBefore: 0.71, statusMebibytes: 64 };

  test.each([
    [{}, []],
    [{ statusBefore: undefined }, []],
    [{ help: 0.24 }, ['--help: 3.00 times Node alone, not 2.5']],
    [{ statusBefore: 0.25 }, ['status: 1.00 times cheaper, not 1.5']],
    [{ statusMebibytes: 76 }, ['status: 76 MiB, not 75']],
  ])('%j', (change, found) => {
    expect(cliMisses({ ...GOOD, ...change })).toEqual(found);
  });
});

describe('misses of the tests', () => {
  test.each([
    [100, 25, 10, []],
    [100, 30, 10, ['npm test: 0.300 of what it was, not 0.25']],
    [100, 25, 20, ['test:fast: 0.200 of what it was, not 0.1']],
  ])('%d CPU-s before, %d and %d now', (before, all, fast, found) => {
    expect(testMisses(before, all, fast)).toEqual(found);
  });
});

describe('childSeconds', () => {
  test('reads the second line of what a shell prints', () => {
    expect(childSeconds('0m0.00s 0m0.01s\n1m2.50s 0m0.25s\n')).toBeCloseTo(62.75);
  });
});

describe('misses of the synth', () => {
  const ours = { seconds: 1, mebibytes: 100 };

  test('nothing when both are six times cheaper', () => {
    expect(misses(ours, { seconds: 6, mebibytes: 600 }, true)).toEqual([]);
  });

  test.each([
    ['time', { seconds: 5.9, mebibytes: 600 }, true, 'time: 5.90 times, not 6'],
    ['memory', { seconds: 6, mebibytes: 599 }, true, 'memory: 5.99 times, not 6'],
    ['a comparison of two different things', { seconds: 60, mebibytes: 6000 }, false, 'cannot be compared'],
  ])('rejects %s', (_what, stock, same, words) => {
    expect(misses(ours, stock, same)).toEqual([expect.stringContaining(words)]);
  });
});

describe('rootImports', () => {
  test('takes the same names from the root of the bindings, once a provider', () => {
    const source = [
      "import { CloudRunV2Service, type CloudRunV2ServiceTemplate } from '@cdktf/provider-google/lib/cloud-run-v2-service';",
      "import {\n  ServiceAccount,\n} from '@cdktf/provider-google/lib/service-account';",
      "import { Construct } from 'constructs';",
    ].join('\n');
    expect(rootImports(source).split('\n')).toEqual([
      "import * as google from '@cdktf/provider-google';",
      'import CloudRunV2Service = google.cloudRunV2Service.CloudRunV2Service;',
      'import CloudRunV2ServiceTemplate = google.cloudRunV2Service.CloudRunV2ServiceTemplate;',
      'import ServiceAccount = google.serviceAccount.ServiceAccount;',
      "import { Construct } from 'constructs';",
    ]);
  });

  test('leaves a source without bindings alone', () => {
    expect(rootImports("import { App } from 'cdktf';\n")).toBe("import { App } from 'cdktf';\n");
  });
});

describe('measure', () => {
  const holding = (mebibytes: number) => ({ args: ['-e', `Buffer.alloc(${mebibytes} * 2 ** 20, 1)`] });

  test('sees the memory that a program takes', async () => {
    // Far above what this process takes itself: on Linux a child's peak begins with its parent's size.
    const [small, large] = [await measure(holding(1)), await measure(holding(1000))];
    expect(large.mebibytes).toBeGreaterThan(1000);
    expect(small.mebibytes).toBeLessThan(1000);
  });

  test('rejects a program that fails, with its words', async () => {
    await expect(measure({ args: ['-e', 'throw new Error("broken synth")'] })).rejects.toThrow(
      'broken synth',
    );
  });
});
