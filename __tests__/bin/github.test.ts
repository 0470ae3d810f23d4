import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeOutputs } from '../../bin/github';

const directory = mkdtempSync(join(tmpdir(), 'lightonocr-github-'));
const FILE = join(directory, 'output');

beforeEach(() => writeFileSync(FILE, 'earlier=1\n'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('writeOutputs', () => {
  test('adds a line for each output to those of earlier commands', async () => {
    await writeOutputs({ plan: 'id', changes: 'true' }, FILE);
    expect(readFileSync(FILE, 'utf8')).toBe('earlier=1\nplan=id\nchanges=true\n');
  });

  test('writes nothing without outputs', async () => {
    await writeOutputs({}, join(directory, 'none'));
    expect(() => readFileSync(join(directory, 'none'))).toThrow('ENOENT');
  });

  test('takes the file that a workflow names, and outside of one writes nowhere', async () => {
    const before = process.env.GITHUB_OUTPUT;
    try {
      process.env.GITHUB_OUTPUT = FILE;
      await writeOutputs({ digest: 'd' });
      process.env.GITHUB_OUTPUT = '';
      await writeOutputs({ digest: 'e' });
    } finally {
      if (before === undefined) delete process.env.GITHUB_OUTPUT;
      else process.env.GITHUB_OUTPUT = before;
    }
    expect(readFileSync(FILE, 'utf8')).toBe('earlier=1\ndigest=d\n');
  });
});
