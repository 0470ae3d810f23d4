import { spawn } from 'node:child_process';
import { memoryLimitMib, memoryOverLimit } from '../../../rehearsal/cloud/run/memory';
import { type Json, LOCATION, type Rig, startRig } from './harness';

describe('memoryLimitMib', () => {
  test.each([
    ['16Gi', 16384],
    ['512Mi', 512],
    [undefined, 512],
  ])('%s', (limit, mib) => expect(memoryLimitMib(limit)).toBe(mib));
});

describe('memoryOverLimit', () => {
  test('tells of a process that takes more than its limit, and nothing of one that ends within it', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 30000)']);
    expect(await memoryOverLimit(child.pid!, 1)).toBeGreaterThan(1);
    const end = memoryOverLimit(child.pid!, 100_000);
    child.kill();
    expect(await end).toBeUndefined();
  });
});

describe('a container over its memory limit', () => {
  let rig: Rig;
  const logged = async () => {
    const filter = 'logName="projects/p/logs/run.googleapis.com%2Fvarlog%2Fsystem"';
    const body = { resourceNames: ['projects/p'], filter, orderBy: 'timestamp asc' };
    const entries = ((await rig.call('POST', '/v2/entries:list', body)).json.entries ?? []) as Json[];
    return entries.map(({ severity, textPayload }) => `${severity} ${textPayload}`);
  };
  afterEach(() => rig.cloud.stop());

  test('is ended with Cloud Run’s words, and its revision does not get ready', async () => {
    // 1 GiB stands for 1 MiB here: less than any process has.
    rig = await startRig({ memoryScale: 1 / 1024, processes: true });
    const { error } = await rig.deploy('a', { env: { BEHAVIOUR: 'deaf' } });
    expect(error.message).toContain('Container terminated on signal 9.');
    const lines = await logged();
    // How much it had depends on the moment at which it is looked at: some MiB (here GiB) right after its start.
    const used = /^ERROR Memory limit of 1024 MiB exceeded with (\d+) MiB used\. Consider increasing/m;
    expect(Number(used.exec(lines.join('\n'))?.[1])).toBeGreaterThan(1024);
    expect(lines).toContain('WARNING Container terminated on signal 9.');
    expect((await rig.call('GET', `/v2/${LOCATION}/services/s`)).json.terminalCondition.state).toBe(
      'CONDITION_FAILED',
    );
  });

  test('within it, is left alone', async () => {
    rig = await startRig({ processes: true });
    expect((await rig.deploy('a')).error).toBeUndefined();
    expect((await logged()).join('\n')).not.toContain('Memory limit');
  });
});
