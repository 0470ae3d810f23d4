import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function cost(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/lightonocr', 'cost', ...words], {
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

describe('lightonocr cost', () => {
  test('prints an hour, a month and what would change it, and marks what is not known', () => {
    const { code, out } = cost('production');
    expect(code).toBe(0);
    for (const line of [
      /^per hour: /m,
      /^ {2}as deployed /m,
      /^ {2}min instances 1 /m,
      /^ {2}4 vCPU, 16 GiB /m,
      /^ {2}one kept /m,
    ])
      expect(out).toMatch(line);
    expect(out).toMatch(/--pages-per-second 0\.5: .*\[\?\].*L4/);
  });

  test('prints the same as JSON', () => {
    const { code, out } = cost('production', '--json', '--pages-per-day', '500');
    const data = JSON.parse(out) as { rows: { what: string }[]; inputs: { pagesPerDay: number } };
    expect(code).toBe(0);
    expect(data.rows.map(({ what }) => what)[0]).toBe('as deployed');
    expect(data.inputs.pagesPerDay).toBe(500);
  });

  test('reckons with a file of prices', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'cost-')), 'prices.yaml');
    writeFileSync(
      file,
      'asOf: 2026-11\nsource: s\nregions:\n  us-central1: { gpuSecond: 1, gpuSecondZonalRedundancy: 1, vcpuSecond: 0, gibSecond: 0 }\n',
    );
    expect(cost('production', '--prices', file).out).toMatch(/^per hour: 0\.00 at zero, 3600\.00 with one/m);
  });

  test('rejects bad input with exit code 2', () => {
    const { code, err } = cost('production', '--hours', '25', '--stored-gb', 'x');
    expect(code).toBe(2);
    expect(err).toMatch(/^BAD_INPUT: --hours .*--stored-gb/);
  });
});
