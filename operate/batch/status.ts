import { batchObjects, type DocumentResult } from '../../domain/batch/manifest';
import { batchProgress, type BatchProgress } from '../../domain/batch/progress';
import { badTimes, isSuspect } from '../../domain/batch/suspect';
import { EMPTY_LEDGER } from '../../domain/releases/ledger';
import { cloudRunJobs, type JobExecution } from '../../release/adapters/google/jobs';
import type { ReleaseContext } from '../../release/ports/context';
import { findBatch, type KnownBatch } from './record';
import { parseLines, progressSchema, resultSchema } from './schemas';

export interface BatchStatus extends BatchProgress {
  readonly name: string;
  readonly input: string;
  readonly out: string;
  /** `stopped`: documents are left, and nothing reads them. */
  readonly state: 'running' | 'done' | 'stopped';
  /** Documents that may have been read by a revision that was put back. */
  readonly suspects: number;
  /** How the job's run ended or stands, in its own numbers. */
  readonly execution?: Pick<
    JobExecution,
    'name' | 'runningCount' | 'succeededCount' | 'failedCount' | 'retriedCount'
  >;
}

/** How far a batch is, by what stands in its folder; changes nothing. @throws Failure `NO_BATCH` (2). */
export async function batchStatus(context: ReleaseContext, name: string): Promise<BatchStatus> {
  const batch = await findBatch(context, name);
  const execution = await cloudRunJobs(context.call, context.deployment).execution(batch.execution);
  const results = await readResults(batch);
  const tasks = [];
  const { progressOf } = batchObjects(batch.prefix);
  for (const progress of await readAll(batch, progressOf))
    tasks.push(...parseLines(progress, progressSchema));
  const bad = badTimes((await context.ledger.read()) ?? EMPTY_LEDGER);
  const isRunning = execution !== undefined && execution.completionTime === undefined;
  const isDone = results.length === batch.manifest.documents;
  return {
    ...{ name, input: batch.manifest.input, out: batch.manifest.out },
    state: isDone ? 'done' : isRunning ? 'running' : 'stopped',
    ...batchProgress(batch.manifest, results, isRunning ? tasks : [], context.clock.now()),
    suspects: results.filter((result) => isSuspect(result, bad)).length,
    ...(execution && {
      execution: {
        name: execution.name,
        runningCount: execution.runningCount,
        succeededCount: execution.succeededCount,
        failedCount: execution.failedCount,
        retriedCount: execution.retriedCount,
      },
    }),
  };
}

/** Results of blocks that are finished. */
export async function readResults(batch: KnownBatch): Promise<DocumentResult[]> {
  const texts = await readAll(batch, batchObjects(batch.prefix).results);
  return texts.flatMap((text) => parseLines(text, resultSchema));
}

/** Objects at a time. */
const SIDE_BY_SIDE = 16;

async function readAll({ store }: KnownBatch, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const page of store.list({ prefix })) names.push(...page.map(({ name }) => name));
  const texts: string[] = [];
  for (let at = 0; at < names.length; at += SIDE_BY_SIDE) {
    const some = names.slice(at, at + SIDE_BY_SIDE).map((name) => store.read(name));
    // One that is gone since the listing was a task's that has just ended.
    texts.push(...(await Promise.all(some)).flatMap((content) => content?.toString('utf8') ?? []));
  }
  return texts;
}
