import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { loadDeployment } from '../../deployments/load';
import { PHASES } from '../../domain/logs/startPhases';
import { measurementTable } from '../../scripts/measure-gpu';
import { measureGpu, type MeasureOptions } from '../../scripts/measureGpu';

const ROOT = join(__dirname, '../..');
const STAND_IN = [process.execPath, join(ROOT, 'bin/start.js'), 'rehearsal/vllm/main'];

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

async function measure(change: Partial<MeasureOptions> = {}) {
  return measureGpu({
    deployment: loadDeployment('rehearsal'),
    maxNumSeqs: 2,
    command: STAND_IN,
    pageFile: join(ROOT, 'release/golden/page.png'),
    pages: 3,
    port: await freePort(),
    progress: () => undefined,
    ...change,
  });
}

/** An nvidia-smi that has seen this much of the GPU in use. */
function withNvidiaSmi(mib: number): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'smi-'));
  writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\necho ${mib}\n`);
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  const { PATH } = process.env;
  process.env.PATH = `${folder}${delimiter}${PATH}`;
  return () => void (process.env.PATH = PATH);
}

describe('measureGpu', () => {
  test('gives the phases of the start, the rate and the memory', async () => {
    const restore = withNvidiaSmi(18_432);
    const measured = await measure().finally(restore);
    expect(measured.start.phases.map(({ name }) => name)).toEqual([...PHASES]);
    expect(measured).toMatchObject({ maxNumSeqs: 2, pages: 3, notWhole: 0, gpuMemoryMib: 18_432 });
    expect(measured.pagesPerSecond).toBeGreaterThan(0);
    expect(measured.p95Seconds).toBeGreaterThanOrEqual(measured.p50Seconds);
    expect(measurementTable([measured])).toMatch(/0 of 3 +18432/);
    expect(measurementTable([{ ...measured, gpuMemoryMib: undefined }])).toContain('not measured');
  });

  test('rejects a server that ends, with its last words', async () => {
    const deployment = loadDeployment('rehearsal');
    const tooSmall = { ...deployment, vllm: { ...deployment.vllm, gpuMemoryUtilization: 0.1 } };
    await expect(measure({ deployment: tooSmall })).rejects.toThrow(
      /exit code 1.*max-num-seqs 2:.*KV cache|cache blocks/s,
    );
  });

  test('rejects a command that is not there', async () => {
    await expect(measure({ command: ['no-such-server'] })).rejects.toThrow(/ENOENT/);
  });
});
