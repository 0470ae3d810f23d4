import { batchJobName } from '../../../domain/batch/job';

import { resumeBatch, retryFailed, stopBatch } from '../../../operate/batch/goOn';
import { startBatch } from '../../../operate/batch/start';
import { batchStatus } from '../../../operate/batch/status';
import type { ContainerCommand } from '../../../rehearsal/cloud/run/process';
import { type Folder, openFolderWith } from './folder';
import { manifestSchema } from '../../../operate/batch/schemas';

describe('startBatch', () => {
  let folder: Folder;
  let started: NodeJS.ProcessEnv[];
  let end: (() => void)[];

  beforeEach(async () => {
    [started, end] = [[], []];
    const startTask = ({ env }: ContainerCommand) => {
      started.push(env);
      let stop: () => void = () => undefined;
      const exited = new Promise<string>((resolve) => (stop = () => resolve('Container called exit(0).')));
      end.push(stop);
      return { exited, kill: stop };
    };
    folder = await openFolderWith({ startTask }, ['docs', 'texts']);
    for (const name of ['a.pdf', 'b.pdf', 'c.png']) await folder.put('docs', `in/${name}`, 'x');
    await folder.put('docs', 'in/old.zip', 'PK');
    await folder.serve();
  });
  afterEach(() => folder.cloud.stop());

  const makeJob = () => folder.makeJob(batchJobName(folder.context.deployment));
  const start = (change = {}) =>
    startBatch(folder.context, { input: 'gs://docs/in', out: 'gs://texts/out', ...change });
  const manifest = () =>
    manifestSchema.parse(
      JSON.parse(folder.cloud.storage.read('texts', 'out/manifest.json')!.content.toString()),
    );
  const ended = async () => {
    while (end.length > 0) end.shift()!();
    for (;;) {
      const { state } = await batchStatus(folder.context, manifest().name);
      if (state !== 'running') return;
    }
  };

  test('writes the manifest with its blocks and starts the job', async () => {
    await makeJob();
    const { name, outcome, documents, tasks } = await start({ blockPages: 1 });
    expect({ outcome, documents, tasks }).toEqual({ outcome: 'started', documents: 3, tasks: 1 });
    expect(name).toMatch(/^production-[0-9a-f]{6}$/);
    expect(manifest()).toMatchObject({
      ...{ input: 'gs://docs/in/', out: 'gs://texts/out/', documents: 3, passedOver: 1 },
      blocks: [{ first: 'in/a.pdf' }, { first: 'in/b.pdf' }, { first: 'in/c.png' }],
      service: { modelId: 'lightonai/LightOnOCR-2-1B', revision: 'lightonocr-gpu-a' },
    });
    expect(started[0]).toMatchObject({ BATCH_OUT: 'gs://texts/out/', CLOUD_RUN_TASK_COUNT: '1' });
  });

  test('rejects a start where the job is not there, before anything is written', async () => {
    await expect(start()).rejects.toMatchObject({ code: 'NO_BATCH_JOB' });
    expect(folder.cloud.storage.list('texts')).toEqual([]);
  });

  test('rejects a second start while the first is under way', async () => {
    await makeJob();
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'BATCH_UNDER_WAY' });
  });

  test('says how far it is, stops, goes on with what is left, and starts nothing when all is read', async () => {
    await makeJob();
    const { name } = await start({ blockPages: 1 });
    expect(await batchStatus(folder.context, name)).toMatchObject({
      state: 'running',
      documents: { done: 0, all: 3 },
    });
    await stopBatch(folder.context, name);
    await ended();
    expect(await batchStatus(folder.context, name)).toMatchObject({ state: 'stopped' });
    const result = { generation: '1', pages: 1, whole: 1, failed: 0, fromTextLayer: 0, from: '', to: '' };
    const write = (block: string, document: string, change = {}) =>
      folder.put(
        'texts',
        `out/_batch/results/${block}.jsonl`,
        `${JSON.stringify({ document, ...result, ...change })}\n`,
      );
    await write('00001', 'in/a.pdf');
    expect(await resumeBatch(folder.context, name)).toMatchObject({ outcome: 'started', documents: 2 });
    await ended();
    await write('00002', 'in/b.pdf');
    await write('00003', 'in/c.png', { failed: 1, code: 'UNREADABLE_DOCUMENT' });
    expect(await batchStatus(folder.context, name)).toMatchObject({
      ...{ state: 'done', failures: { UNREADABLE_DOCUMENT: 1 }, failedPages: 1 },
    });
    expect(await start()).toMatchObject({ outcome: 'unchanged', documents: 3 });
    expect(await retryFailed(folder.context, name)).toMatchObject({ outcome: 'started', documents: 1 });
    expect(folder.cloud.storage.list('texts')).not.toContain('out/_batch/results/00003.jsonl');
    await ended();
  });

  test('reads what is new in the folder', async () => {
    await makeJob();
    const { name } = await start();
    await ended();
    await folder.put('docs', 'in/d.pdf', 'x');
    expect(await start()).toMatchObject({ outcome: 'started', name, documents: 4 });
    await ended();
  });

  test('rejects a name that nobody knows', async () => {
    await expect(batchStatus(folder.context, 'production-000000')).rejects.toMatchObject({
      code: 'NO_BATCH',
    });
  });
});
