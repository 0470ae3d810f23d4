import { createHash } from 'node:crypto';
import { blockCutter, type FilledBlock, likelyPages, tasksFor, usefulTasks } from '../../domain/batch/blocks';
import type { ListedObject } from '../../domain/batch/inventory';
import { documentKind, sizeClass, TOO_LARGE } from '../../domain/batch/kinds';
import {
  batchObjects,
  type BatchService,
  type Block,
  lines,
  type Manifest,
} from '../../domain/batch/manifest';
import { type BatchPlaces, batchPlaces, MANIFEST, placeUrl } from '../../domain/batch/places';
import type { Deployment } from '../../domain/deployment';
import { batchJobName } from '../../domain/batch/job';
import { Failure } from '../../domain/failure';
import { servingRevision } from '../../domain/releases/traffic';
import { servedModelName } from '../../domain/vllmArgs';
import { MAX_TIMEOUT_SECONDS } from '../../ocr/client';
import { cloudRunJobs } from '../../release/adapters/google/jobs';
import { listObjects } from '../../release/adapters/google/objects';
import { requireService } from '../../release/checks/requireService';
import type { ReleaseContext } from '../../release/ports/context';
import { assertBatchPossible } from './preconditions';
import { batchName, storeOf, writeRecord } from './record';
import { type BatchStore, finishedBlocks } from './store';
import { manifestSchema } from './schemas';

export interface StartOptions {
  readonly input: string;
  readonly out: string;
  /** Default: one for each eight pages that may be under way, at most as many as there are blocks. */
  readonly tasks?: number;
  /** Pages of a block; default 300. */
  readonly blockPages?: number;
}

export interface StartedBatch {
  readonly name: string;
  /** `unchanged`: every document of the listing was read before, and nothing was started. */
  readonly outcome: 'started' | 'unchanged';
  readonly execution?: string;
  readonly documents: number;
  readonly blocks: number;
  readonly tasks: number;
}

/**
 * Lists the input, writes the manifest and starts the job. What an earlier batch of the same folders has read is not read again:
 * its results stand.
 * @throws Failure as `batchPlaces` and `assertBatchPossible`; `BATCH_EMPTY`, `NO_BATCH_JOB`, `BATCH_UNDER_WAY` (2).
 */
export async function startBatch(context: ReleaseContext, options: StartOptions): Promise<StartedBatch> {
  const { deployment, call } = context;
  const places = batchPlaces(options.input, options.out);
  await assertBatchPossible(context, places);
  const job = batchJobName(deployment);
  const jobs = cloudRunJobs(call, deployment);
  if (!(await jobs.exists(job))) throw noJob(deployment, job);
  const store = storeOf(context, places.out.bucket);
  const name = batchName(deployment, places);
  const before = await knownManifest(store, places);
  if (before && (await jobs.executions(job)).some(({ completionTime }) => completionTime === undefined))
    throw underWay(name);

  const listed = await listing(context, places, before, options.blockPages);
  const { blocks, listing: hash } = listed;
  if (before?.listing === hash && (await isFinished(store, places, before)))
    return { name, outcome: 'unchanged', documents: before.documents, blocks: 0, tasks: 0 };
  if (blocks.length === 0) throw empty(places);
  const service = await serviceOf(context);
  const manifest: Manifest = {
    ...{ schema: 1, name, deployment: deployment.name, startedAt: context.clock.now().toISOString() },
    ...{ input: placeUrl(places.input), out: placeUrl(places.out), service, ...listed },
  };
  await store.replace(places.out.prefix + MANIFEST, JSON.stringify(manifest));
  const tasks = options.tasks ?? usefulTasks(tasksFor(service.pagesAtOnce), blocks.length);
  const execution = await runJob(context, name, placeUrl(places.out), tasks);
  return { name, outcome: 'started', execution, documents: listed.documents, blocks: blocks.length, tasks };
}

/** Starts the job for a batch, and remembers which execution that is. */
export async function runJob(
  context: ReleaseContext,
  name: string,
  out: string,
  tasks: number,
): Promise<string> {
  const jobs = cloudRunJobs(context.call, context.deployment);
  const execution = await jobs.run(batchJobName(context.deployment), {
    taskCount: tasks,
    variables: { BATCH_OUT: out },
  });
  await writeRecord(context, name, { out, execution });
  return execution;
}

type Listing = Pick<Manifest, 'documents' | 'bytes' | 'pages' | 'listing' | 'blocks' | 'passedOver'>;

/** Kinds and sizes that the client does not open as one document, and empty objects. */
const isPassedOver = ({ name, bytes, contentType }: ListedObject): boolean =>
  bytes === 0 || documentKind(name, contentType) === 'archive' || sizeClass(bytes) === TOO_LARGE;

/**
 * One block in memory at a time. Where an earlier start left a manifest, a first look finds out whether anything is new; if so, its
 * blocks and their results go, while the documents' own results stay and are found.
 */
async function listing(
  context: ReleaseContext,
  { input, out }: BatchPlaces,
  before: Manifest | undefined,
  blockPages?: number,
): Promise<Listing> {
  const { call, signal, progress } = context;
  const store = storeOf(context, out.bucket);
  const objects = batchObjects(out.prefix);
  if (before !== undefined) {
    const { listing } = await walk(listObjects(call, input, signal), async () => undefined);
    if (listing === before.listing) return before;
    for await (const page of store.list({ prefix: objects.own }))
      for (const { name } of page) await store.remove(name);
  }
  return walk(
    listObjects(call, input, signal),
    async ({ block, documents }) => {
      await store.replace(objects.block(block.id), lines(documents));
      progress(`block ${block.id}: ${block.documents} documents, about ${block.pages} pages`);
    },
    blockPages,
  );
}

async function walk(
  pages: AsyncIterable<readonly ListedObject[]>,
  write: (filled: FilledBlock) => Promise<void>,
  blockPages?: number,
): Promise<Listing> {
  const hash = createHash('sha256');
  const cutter = blockCutter(blockPages);
  const blocks: Block[] = [];
  let passedOver = 0;
  let bytes = 0;
  const take = async (filled: FilledBlock | undefined) => {
    if (filled === undefined) return;
    await write(filled);
    blocks.push(filled.block);
  };
  for await (const page of pages) {
    for (const object of page) {
      if (object.name.endsWith('/') && object.bytes === 0) continue;
      if (isPassedOver(object)) {
        passedOver += 1;
        continue;
      }
      const { name, generation } = object;
      hash.update(`${name} ${generation}\n`);
      bytes += object.bytes;
      await take(cutter.add({ name, generation, bytes: object.bytes, pages: likelyPages(object) }));
    }
  }
  await take(cutter.end());
  const sum = (of: (block: Block) => number) => blocks.reduce((all, block) => all + of(block), 0);
  const documents = sum((block) => block.documents);
  const all = { documents, bytes, pages: sum((block) => block.pages), passedOver };
  return { ...all, listing: hash.digest('hex'), blocks };
}

async function knownManifest(store: BatchStore, { out }: BatchPlaces): Promise<Manifest | undefined> {
  const content = await store.read(out.prefix + MANIFEST);
  return content && manifestSchema.parse(JSON.parse(content.toString('utf8')));
}

/** True where every block has its result: one listing. */
async function isFinished(store: BatchStore, { out }: BatchPlaces, { blocks }: Manifest): Promise<boolean> {
  return (await finishedBlocks(store, out.prefix)).size === blocks.length;
}

/** What the tasks need of the deployment, and who serves as they begin. */
async function serviceOf(context: ReleaseContext): Promise<BatchService> {
  const { deployment } = context;
  const { uri, trafficStatuses } = await requireService(context);
  const ledger = await context.ledger.read();
  const revision = servingRevision(deployment.service, trafficStatuses, ledger?.intent?.revision) ?? '';
  const serving = await context.cloudRun.revision(revision);
  const { vllm, page, scaling, model, release, batch } = deployment;
  const sequences = scaling.maxInstances * vllm.maxNumSeqs;
  return {
    ...{ url: uri, model: servedModelName(deployment), modelId: model.id, maxModelLen: vllm.maxModelLen },
    ...{ textTokens: page.textTokens, longestSidePixels: page.longestSidePixels },
    timeoutSeconds: Math.min(deployment.requestTimeoutSeconds, MAX_TIMEOUT_SECONDS),
    coldStartSeconds: release.smoke.coldStartSeconds,
    revision,
    image: serving?.image ?? '',
    pagesAtOnce: Math.max(1, Math.floor(sequences * (1 - batch.otherCallers))),
  };
}

function noJob(deployment: Deployment, job: string): Failure {
  return new Failure({
    code: 'NO_BATCH_JOB',
    message: 'The job that reads batches is not there.',
    where: `Cloud Run job ${job} in ${deployment.region}`,
    remedy: `name the buckets and the client's image under batch in deployments/${deployment.name}.yaml, then: npm run synth, and apply cdktf.out/stacks/${deployment.name}-batch (docs/batch.md)`,
    exitCode: 2,
  });
}

function underWay(name: string): Failure {
  return new Failure({
    code: 'BATCH_UNDER_WAY',
    message: 'A batch of this deployment is under way.',
    where: name,
    remedy: `follow it: bin/lightonocr batch status ${name}; end it: bin/lightonocr batch stop ${name}`,
    exitCode: 2,
  });
}

function empty({ input }: BatchPlaces): Failure {
  return new Failure({
    code: 'BATCH_EMPTY',
    message: 'There is no document.',
    where: 'the input',
    got: placeUrl(input),
    remedy: `see what is there: gcloud storage ls gs://${input.bucket}/`,
    exitCode: 2,
  });
}
