import { splitBlock, tasksFor, usefulTasks } from '../../domain/batch/blocks';
import { batchObjects, type Block, lines, type Manifest, resultNames } from '../../domain/batch/manifest';
import { MANIFEST, placeOf } from '../../domain/batch/places';
import { badTimes, isSuspect } from '../../domain/batch/suspect';
import { Failure } from '../../domain/failure';
import { EMPTY_LEDGER } from '../../domain/releases/ledger';
import { cloudRunJobs } from '../../release/adapters/google/jobs';
import type { ReleaseContext } from '../../release/ports/context';
import { findBatch, type KnownBatch } from './record';
import { runJob } from './start';
import { finishedBlocks } from './store';
import { documentSchema, parseLines, resultSchema } from './schemas';

/** What goes on, and with how much. */
export interface GoneOn {
  readonly name: string;
  readonly outcome: 'started' | 'nothing left';
  readonly documents: number;
  readonly execution?: string;
}

/** Ends the tasks that read. What is read stays; `resume` goes on. @throws Failure `NO_BATCH` (2). */
export async function stopBatch(context: ReleaseContext, name: string): Promise<{ name: string }> {
  const { execution } = await findBatch(context, name);
  await cloudRunJobs(context.call, context.deployment).cancel(execution);
  return { name };
}

/**
 * Starts the job again for the blocks that have no result. Where they are fewer than tasks, the largest are split: what was slow is
 * then read by several.
 * @throws Failure `NO_BATCH`, `BATCH_UNDER_WAY` (2).
 */
export async function resumeBatch(context: ReleaseContext, name: string): Promise<GoneOn> {
  const batch = await idleBatch(context, name);
  const finished = await finishedBlocks(batch.store, batch.prefix);
  const left = batch.manifest.blocks.filter(({ id }) => !finished.has(id));
  if (left.length === 0) return { name, outcome: 'nothing left', documents: 0 };
  const tasks = tasksFor(batch.manifest.service.pagesAtOnce);
  const parts = await splitBlocks(batch, left, Math.ceil(tasks / left.length));
  const blocks = [...batch.manifest.blocks.filter(({ id }) => finished.has(id)), ...parts];
  await writeManifest(batch, { ...batch.manifest, blocks });
  return goOn(context, batch, parts, tasks);
}

/**
 * Reads again what failed, or with `suspect` what a revision that was put back may have read: their results are taken away, and
 * the job starts for their blocks.
 * @throws Failure `NO_BATCH`, `BATCH_UNDER_WAY` (2).
 */
export async function retryFailed(
  context: ReleaseContext,
  name: string,
  { suspect = false } = {},
): Promise<GoneOn> {
  const batch = await idleBatch(context, name);
  const { manifest, store, prefix } = batch;
  const bad = suspect ? badTimes((await context.ledger.read()) ?? EMPTY_LEDGER) : [];
  const objects = batchObjects(prefix);
  const inputPrefix = placeOf(manifest.input, 'input').prefix;
  const again: Block[] = [];
  let documents = 0;
  for (const block of manifest.blocks) {
    const content = await store.read(objects.result(block.id));
    const results = parseLines(content?.toString('utf8') ?? '', resultSchema);
    const wrong = results.filter((result) => (suspect ? isSuspect(result, bad) : result.failed > 0));
    if (wrong.length === 0) continue;
    // The block's first: a task that finds no result of it looks what is left.
    await store.remove(objects.result(block.id));
    for (const { document } of wrong) await store.remove(resultNames(prefix, inputPrefix, document).jsonl);
    again.push(block);
    documents += wrong.length;
  }
  if (again.length === 0) return { name, outcome: 'nothing left', documents: 0 };
  return { ...(await goOn(context, batch, again, again.length)), documents };
}

async function idleBatch(context: ReleaseContext, name: string): Promise<KnownBatch> {
  const batch = await findBatch(context, name);
  const execution = await cloudRunJobs(context.call, context.deployment).execution(batch.execution);
  if (execution === undefined || execution.completionTime !== undefined) return batch;
  throw new Failure({
    code: 'BATCH_UNDER_WAY',
    message: 'The batch is under way.',
    where: name,
    got: `${execution.runningCount} tasks run`,
    remedy: `follow it: bin/lightonocr batch status ${name}; end it: bin/lightonocr batch stop ${name}`,
    exitCode: 2,
  });
}

async function splitBlocks(
  { store, prefix }: KnownBatch,
  blocks: readonly Block[],
  parts: number,
): Promise<Block[]> {
  if (parts === 1) return [...blocks];
  const objects = batchObjects(prefix);
  const split: Block[] = [];
  for (const block of blocks) {
    const content = await store.read(objects.block(block.id));
    const documents = parseLines(content?.toString('utf8') ?? '', documentSchema);
    if (documents.length < 2) split.push(block);
    else
      for (const part of splitBlock(block.id, documents, parts)) {
        await store.replace(objects.block(part.block.id), lines(part.documents));
        split.push(part.block);
      }
  }
  return split;
}

const writeManifest = ({ store, prefix }: KnownBatch, manifest: Manifest) =>
  store.replace(prefix + MANIFEST, JSON.stringify(manifest));

async function goOn(
  context: ReleaseContext,
  { manifest }: KnownBatch,
  blocks: readonly Block[],
  tasks: number,
): Promise<GoneOn> {
  const count = usefulTasks(tasks, blocks.length);
  const execution = await runJob(context, manifest.name, manifest.out, count);
  const documents = blocks.reduce((sum, block) => sum + block.documents, 0);
  return { name: manifest.name, outcome: 'started', documents, execution };
}
