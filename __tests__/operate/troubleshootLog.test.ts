import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDeployment } from '../../deployments/load';
import { logFailure, troubleshootLog } from '../../operate/troubleshootLog';
import { logText } from '../../operate/troubleshootText';
import { runProgram } from '../bin/program';

const deployment = loadDeployment('small');
const FIXTURES = join(__dirname, '../fixtures/vllm/failures');
const SHARED = join(__dirname, '../../../shared/vllm');
const codes = (file: string) => troubleshootLog(deployment, file).cases.map(({ code }) => code);

/** What mends each kind of failed start: the command that a person is told. */
const REBUILD = /lightonocr build small --sha HEAD --no-cache/;
const FAILURES: readonly (readonly [name: string, shared: string, code: string, remedy: RegExp])[] = [
  ['bad-json', 'failure-0.30.0-bad-json.log', 'flag-unknown', /serve --help=limit-mm-per-prompt/],
  ['corrupt', 'failure-0.30.0-corrupt.log', 'model-incomplete', REBUILD],
  ['model-missing', 'failure-0.30.0-model-missing.log', 'model-missing', REBUILD],
  ['no-preprocessor', 'failure-0.30.0-no-preprocessor.log', 'model-incomplete', REBUILD],
  ['unknown-flag', 'failure-0.30.0-unknown-flag.log', 'flag-unknown', /serve --help=no-such-flag/],
  [
    'transformers-5.17.0',
    'transformers-5.17.0-with-vllm-0.30.0.txt',
    'transformers-mismatch',
    /lightonocr build small --sha HEAD/,
  ],
];
const shared = FAILURES.map(([, file, ...rest]) => [join(SHARED, file), ...rest] as const);
const copies = FAILURES.map(
  ([name, , ...rest]) => [join(FIXTURES, `${name}.vllm-0.30.0.log`), ...rest] as const,
);

/** The same log as Cloud Logging has it: a line an entry, a revision's, newest first. */
function asCloudLogging(file: string): string {
  const entries = readFileSync(file, 'utf8')
    .split('\n')
    .map((textPayload, index) => ({
      insertId: `i${index}`,
      timestamp: new Date(Date.UTC(2026, 10, 25) + index).toISOString(),
      logName: 'projects/p/logs/run.googleapis.com%2Fstderr',
      resource: { type: 'cloud_run_revision', labels: { revision_name: 'lightonocr-a' } },
      textPayload,
    }));
  const copy = join(mkdtempSync(join(tmpdir(), 'log-')), 'log.json');
  writeFileSync(copy, JSON.stringify(entries.reverse(), null, 2));
  return copy;
}

describe('troubleshootLog', () => {
  test.each(copies)('names the recorded failed start %s as %s', (file, code, remedy) => {
    const { cases, revisions } = troubleshootLog(deployment, file);
    expect(cases.map((found) => found.code)).toEqual([code]);
    expect(cases[0]!.remedies.map(({ command }) => command).join('\n')).toMatch(remedy);
    expect(cases[0]!.evidence.map(({ where }) => where)).toContain(file);
    expect({ revisions, revision: cases[0]!.revision }).toEqual({ revisions: [], revision: undefined });
  });

  const there = shared.filter(([file]) => existsSync(file));
  (there.length > 0 ? test.each(there) : test.skip.each(shared))(
    'names the shared %s as %s',
    (file, code) => {
      expect(codes(file)).toEqual([code]);
    },
  );

  test('gives the same from Cloud Logging’s JSON, with the revision', () => {
    for (const [file, code] of copies)
      expect(troubleshootLog(deployment, asCloudLogging(file))).toMatchObject({
        revisions: ['lightonocr-a'],
        cases: [{ code, revision: 'lightonocr-a' }],
      });
  });

  test('finds nothing in a start that went well on a machine with another port', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'log-')), 'good.log');
    writeFileSync(
      file,
      'INFO Starting vLLM server on http://0.0.0.0:8130\nINFO:     Application startup complete.\n',
    );
    const diagnosis = troubleshootLog(deployment, file);
    expect(diagnosis.cases).toEqual([]);
    expect(logFailure(diagnosis)).toBeUndefined();
    expect(logText(diagnosis)).toBe(`Nothing of the known cases was seen in 2 lines of ${file}.`);
  });

  test.each([
    ['that is not there', join(FIXTURES, 'nobody.log')],
    ['without a line', '/dev/null'],
  ])('rejects a file %s', (_what, file) => {
    expect(() => troubleshootLog(deployment, file)).toThrow(
      expect.objectContaining({ code: 'LOG_NOT_READABLE', exitCode: 2 }),
    );
  });
});

describe('lightonocr troubleshoot --log', () => {
  test('prints the cases as JSON and ends with exit code 3, without asking any cloud', async () => {
    const [file] = copies[1]!;
    const { code, out, err } = await runProgram(
      ['troubleshoot', 'small', '--log', file, '--json', '--endpoint', 'http://127.0.0.1:1'],
      { GOOGLE_OAUTH_ACCESS_TOKEN: '' },
    );
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ deployment: 'small', cases: [{ code: 'model-incomplete' }] });
    expect(JSON.parse(err.trim().split('\n').at(-1)!)).toMatchObject({ code: 'TROUBLE_FOUND', exitCode: 3 });
  });

  test('is the same for a person, and not together with what asks the cloud', async () => {
    const [file] = copies[5]!;
    const { out } = await runProgram(['troubleshoot', 'small', '--log', file]);
    expect(out).toContain('1. transformers-mismatch, the guide’s “Model Load Failure”');
    expect((await runProgram(['troubleshoot', 'small', '--log', file, '--since', '1h'])).code).toBe(2);
  });
});
