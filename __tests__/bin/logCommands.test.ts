import type { ChildProcess } from 'node:child_process';
import { loadDeployment } from '../../deployments/load';
import { program } from '../../bin/cli';
import { IMAGE, type Json, type Rig, startRig, template } from '../rehearsal/cloud/harness';
import { startProgram } from './program';

const { project, service, region } = loadDeployment('rehearsal');
const NAME = `${service}-1a2b3c4-d5e6f7`;
const DATA = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==';

describe('lightonocr logs', () => {
  let rig: Rig;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    rig = await startRig();
    await write([
      line(60, 'Starting new instance. Reason: AUTOSCALING - x', { log: 'varlog/system', severity: 'INFO' }),
      line(56, '(APIServer pid=1) INFO 11-25 03:00:04 [utils.py:1] non-default args'),
      line(50, '(EngineCore pid=28) INFO 11-25 03:00:04 [d.py:1] Loading weights took 1.43 seconds'),
      line(
        49,
        '(EngineCore pid=28) INFO 11-25 03:00:04 [d.py:1] Model loading took 1.87 GiB memory and 3.2 seconds',
      ),
      line(30, '(EngineCore pid=28) INFO 11-25 03:00:04 [m.py:1] torch.compile took 12.30 s in total'),
      line(
        20,
        '(EngineCore pid=28) INFO 11-25 03:00:04 [c.py:1] init engine (profile, create kv cache, warmup model) took 29.00 s',
      ),
      line(12, '(APIServer pid=1) INFO:     Application startup complete.'),
      line(
        11,
        'STARTUP HTTP probe succeeded after 5 attempts for container "x-1" on port 8000 path "/health".',
        {
          log: 'varlog/system',
          severity: 'INFO',
        },
      ),
      line(5, `ValueError: cannot load ${DATA}`),
      line(4, '\x1b[31mred\x1b[0m\x07 and\ntwo lines'),
      line(3, 'of another', { revision: `${service}-9999999-aaaaaa` }),
    ]);
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rig.cloud.stop();
  });

  function line(secondsAgo: number, textPayload: string, more: Json = {}): Json {
    const { log = 'stderr', revision = NAME, severity } = more;
    return {
      logName: `projects/${project}/logs/run.googleapis.com%2F${encodeURIComponent(log as string)}`,
      timestamp: new Date(Date.now() - secondsAgo * 1000).toISOString(),
      resource: {
        type: 'cloud_run_revision',
        labels: { service_name: service, location: region, revision_name: revision },
      },
      labels: { instanceId: '00f46b92854f18f9' },
      textPayload,
      ...(severity !== undefined && { severity }),
    };
  }
  const write = (entries: Json[]) => rig.call('POST', '/v2/entries:write', { entries });

  function start(...args: string[]) {
    const program = startProgram(['logs', 'rehearsal', '--endpoint', rig.cloud.url, ...args]);
    children.push(program.child);
    const until = async (text: string) => {
      while (!program.out().includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    return { ...program, until };
  }
  async function run(...args: string[]) {
    const ran = await start(...args).ended;
    return { ...ran, lines: ran.out.split('\n').slice(0, -1) };
  }
  const texts = (lines: readonly string[]) => lines.map((text) => text.replace(/^\S+ \S+ +/, ''));

  test('folds a start of vLLM into its phases, with their times', async () => {
    const { code, lines } = await run('--revision', '1a2b3c4-d5e6f7');
    expect(code).toBe(0);
    expect(texts(lines)).toEqual([
      'START    1a2b3c4-d5e6f7 00f46b92 starts: AUTOSCALING',
      'START    1a2b3c4-d5e6f7 00f46b92 attach 4.0 s',
      'START    1a2b3c4-d5e6f7 00f46b92 load 7.0 s (weights 1.43 s, 1.87 GiB)',
      'START    1a2b3c4-d5e6f7 00f46b92 compile 29.0 s (torch.compile 12.30 s)',
      'START    1a2b3c4-d5e6f7 00f46b92 ready 9.0 s; 49.0 s since its start',
      'ERROR    1a2b3c4-d5e6f7 00f46b92 ValueError: cannot load data:image/png;base64,…',
      '1a2b3c4-d5e6f7 00f46b92 red and',
      expect.stringMatching(/two lines$/),
    ]);
  });

  test('--raw shows every line of it, --limit the newest', async () => {
    expect((await run('--raw')).lines).toHaveLength(12);
    const { lines, err } = await run('--raw', '--limit', '1');
    expect(texts(lines)).toEqual([expect.stringMatching(/9999999-aaaaaa 00f46b92 of another$/)]);
    expect(err).toContain('older lines are left out: --limit is 1');
  });

  test('--severity finds what calls itself an error; --since leaves out what is older', async () => {
    const { lines } = await run('--severity', 'error');
    expect(lines).toEqual([expect.stringContaining('ValueError')]);
    const { lines: newest } = await run('--raw', '--since', '10s');
    expect(newest.length).toBeLessThan(12);
  });

  test('--json prints JSON Lines, a line each, and hides pages there too', async () => {
    const { lines } = await run('--json');
    const entries = lines.map((text) => JSON.parse(text) as Json);
    expect(entries).toHaveLength(11);
    expect(entries[0]).toMatchObject({
      log: 'system',
      severity: 'INFO',
      revision: NAME,
      instance: '00f46b92854f18f9',
    });
    expect(JSON.stringify(entries)).not.toContain('iVBOR');
  });

  test('--follow shows what comes until Ctrl-C, which is its good end', async () => {
    const following = start('--follow', '--severity', 'ERROR');
    await following.until('ValueError');
    await write([line(0, 'RuntimeError: new')]);
    await following.until('RuntimeError: new');
    following.child.kill('SIGINT');
    expect((await following.ended).code).toBe(0);
    expect(following.out().match(/ValueError/g)).toHaveLength(1);
    expect(following.err()).toBe('');
  });

  test('ends well when whoever reads has seen enough', async () => {
    const following = start('--follow', '--raw');
    await following.until('of another');
    following.child.stdout.destroy();
    await write([line(0, 'for nobody')]);
    expect((await following.ended).code).toBe(0);
    expect(following.err()).toBe('');
  });

  test.each([
    [['--severity', 'LOUD'], 'It is one of DEFAULT'],
    [['--since', 'yesterday'], '90s, 30m, 1h, 2d'],
    [['--limit', '0'], 'above 0'],
  ])('rejects %j with exit code 2', async (args, words) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain(words);
  });

  test('without a line, and without a service, that is what it says; exit code 3', async () => {
    const { code, err } = await run('--revision', 'none');
    expect(code).toBe(3);
    expect(err).toMatch(/no lines of lightonocr-gpu-none in the last 1 h$/m);
    expect(err).toMatch(/^NO_SERVICE: /m);
  });

  describe('of a service that is there', () => {
    const revision = `${service}-quiet`;
    beforeAll(async () => {
      const path = `/v2/projects/${project}/locations/${region}/services/${service}?allowMissing=true`;
      await rig.write('PATCH', path, { template: template(`${IMAGE}@${rig.digest}`, revision) });
    });

    test('a revision that says nothing ends well', async () => {
      const { code, out, err } = await run('--revision', 'quiet', '--severity', 'CRITICAL', '--since', '90m');
      expect([code, out]).toEqual([0, '']);
      expect(err).toMatch(/no lines of lightonocr-gpu-quiet in the last 1 h 30 min, CRITICAL or graver$/m);
    });

    test('a revision that is not there is exit code 2, with where its name is found', async () => {
      const { code, out, err } = await run('--revision', 'none');
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/^UNKNOWN_REVISION: /m);
      expect(err).toMatch(/got: +lightonocr-gpu-none\n.*bin\/lightonocr revisions rehearsal/);
    });

    test('one that is gone still has its lines, and nobody asks for more', async () => {
      expect((await run('--revision', '9999999-aaaaaa')).code).toBe(0);
    });
  });

  test('its help has an example', () => {
    const help = program()
      .commands.find((command) => command.name() === 'logs')!
      .helpInformation();
    expect(help).toContain('--follow');
  });
});
