import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadDeployment } from '../../../deployments/load';
import type { Deployment } from '../../../domain/deployment';
import { instanceStarts } from '../../../domain/logs/startPhases';
import { cloudRunLogs } from '../../../operate/logs';
import { openRelease } from '../../../release/open';
import { IMAGE, type Json, LOCATION, type Rig, startRig, template } from '../cloud/harness';

const ROOT = join(__dirname, '../../..');
const ENTRYPOINT = [process.execPath, join(ROOT, 'bin/start.js'), 'rehearsal/vllm/main'];
const DEPLOYMENT: Deployment = { ...loadDeployment('rehearsal'), project: 'p', service: 's' };

/** The stand-in prints what vLLM prints: its start, through the local cloud's logs, has vLLM's phases. */
describe('a start of the stand-in, by its logs', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await startRig({ processes: true })));
  afterAll(() => rig.cloud.stop());

  async function startOf(name: string, fault: string) {
    const digest = rig.cloud.registry.push({ name: IMAGE, tags: [name], entrypoint: ENTRYPOINT, env: {} });
    const probe = {
      httpGet: { path: '/health', port: 8000 },
      timeoutSeconds: 1,
      periodSeconds: 1,
      failureThreshold: 60,
    };
    const change = { env: { STAND_IN_FAULT: fault }, probe };
    await rig.write('PATCH', `/v2/${LOCATION}/services/s?allowMissing=true`, {
      template: template(`${IMAGE}@${digest}`, `s-${name}`, change),
    });
    const { call } = openRelease({
      deployment: DEPLOYMENT,
      endpoint: rig.cloud.url,
      environment: { accessToken: 'x', terraformEnvironment: {} },
    });
    const from = new Date(Date.now() - 600_000);
    const { entries } = await cloudRunLogs(call, DEPLOYMENT).read({ from, revision: `s-${name}` });
    return { entries, starts: instanceStarts(entries) };
  }

  test('has all phases, in their order, and they add up to the whole', async () => {
    const { entries, starts } = await startOf('good', '');
    expect(starts).toMatchObject([{ revision: 's-good', state: 'ready', reason: 'DEPLOYMENT_ROLLOUT' }]);
    const [{ phases, seconds }] = starts as [(typeof starts)[0]];
    expect(phases.map(({ name }) => name)).toEqual(['attach', 'load', 'compile', 'ready']);
    expect(phases.reduce((sum, phase) => sum + phase.seconds, 0)).toBeCloseTo(seconds, 2);
    expect(phases[1]!.detail).toMatch(/^[\d.]+ GiB$/);
    expect(entries.some(({ severity }) => severity === 'ERROR')).toBe(false);
  });

  test('a page that is read leaves nothing of itself in any log', async () => {
    const page = (await readFile(join(ROOT, 'release/golden/page.png'))).toString('base64');
    const words = (await readFile(join(ROOT, 'release/golden/page.txt'), 'utf8')).match(/[A-Za-z]{7,}/g)!;
    const content = [{ type: 'image_url', image_url: { url: `data:image/png;base64,${page}` } }];
    const answer = await rig.invoke('/v1/chat/completions', 's', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content }] }),
    });
    const text = ((await answer.json()) as Json).choices[0].message.content as string;
    expect(words.filter((word) => text.includes(word)).length).toBeGreaterThan(words.length / 2); // it was read
    // Cloud Run's own sentences may have a word in common with the page; it does not see what is inside a request.
    const filter = 'NOT logName:"varlog"';
    const { json } = await rig.call('POST', '/v2/entries:list', {
      resourceNames: ['projects/p'],
      filter,
      pageSize: 1000,
    });
    const logged = JSON.stringify(json.entries);
    expect(logged).toContain('/v1/chat/completions');
    expect(words.filter((word) => logged.includes(word))).toEqual([]);
    expect(logged).not.toContain(page.slice(100, 140));
  });

  test('one that fails has the engine’s error in its lines, and Cloud Run’s words', async () => {
    const { entries, starts } = await startOf('bad', 'crash-at-start');
    expect(starts).toMatchObject([{ state: 'failed', problem: 'Container called exit(1).' }]);
    const errors = entries.filter(({ severity, log }) => severity === 'ERROR' && log !== 'system');
    expect(errors.map(({ text }) => text).join('\n')).toContain('CUDA error');
  });
});
