import { type ChildProcess, spawn } from 'node:child_process';
import { startLocalCloud } from '../../../rehearsal/cloud/localCloud';
import { smoothBalancer } from '../../../rehearsal/cloud/run/traffic';
import { bundled } from '../../bundled';
import { INSTANCE, type Rig, startRig } from './harness';

describe('startLocalCloud', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig({ processes: true });
  });
  afterEach(() => rig.cloud.stop());

  it('rejects a port in use and names it', async () => {
    const port = Number(new URL(rig.cloud.url).port);
    await expect(startLocalCloud({ port, imageEntrypoint: INSTANCE })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      where: `127.0.0.1:${port}`,
      exitCode: 2,
    });
  });

  it('rejects a call without a token with 401, and an unknown path with 404 naming it', async () => {
    const response = await fetch(`${rig.cloud.url}/v2/projects/p/locations/l/services`);
    expect(await response.json()).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } });
    const { json } = await rig.call('GET', '/v9/nothing');
    expect(json.error).toMatchObject({
      code: 404,
      status: 'NOT_FOUND',
      message: expect.stringContaining('GET /v9/nothing'),
    });
  });

  it('rejects a body that is not JSON and a page token of somebody else', async () => {
    expect((await rig.call('POST', '/storage/v1/b', '{')).json.error).toMatchObject({ code: 400 });
    expect(
      (await rig.call('GET', '/v2/projects/p/locations/l/services?pageToken=x')).json.error.message,
    ).toMatch(/pageToken/);
  });

  it('ends its instances with stop', async () => {
    await rig.deploy('a');
    const { pid } = (await (await rig.invoke()).json()) as { pid: number };
    await rig.cloud.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    rig = await startRig({ processes: true });
  });

  it('takes its instances with it when it is killed', async () => {
    const { files } = await bundled('__tests__/rehearsal/cloud/fixtures/killed');
    const child = spawn(process.execPath, files, { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await firstNumber(child);
    expect(() => process.kill(pid, 0)).not.toThrow();
    child.kill('SIGKILL');
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

async function firstNumber(child: ChildProcess): Promise<number> {
  for await (const chunk of child.stdout!) return Number(String(chunk));
  throw new Error('The cloud ended without a word.');
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('smoothBalancer', () => {
  it("makes nginx's own sequence of 5, 1, 1", () => {
    const next = smoothBalancer([
      { target: 'a', weight: 5 },
      { target: 'b', weight: 1 },
      { target: 'c', weight: 1 },
    ]);
    expect(Array.from({ length: 7 }, next).join('')).toBe('aabacaa');
  });

  it('never chooses a weight of zero', () => {
    const next = smoothBalancer([
      { target: 'tag-only', weight: 0 },
      { target: 'a', weight: 100 },
    ]);
    expect(new Set(Array.from({ length: 10 }, next))).toEqual(new Set(['a']));
    expect(smoothBalancer([{ target: 'x', weight: 0 }])()).toBeUndefined();
  });
});
