import { sha256 } from '../../domain/canonical';
import { random } from '../../domain/random';
import { resumeBatch, retryFailed } from '../../operate/batch/goOn';
import { parsePages } from '../../operate/batch/pageLine';
import { startBatch } from '../../operate/batch/start';
import { batchStatus } from '../../operate/batch/status';
import { type Expectation, type Expectations, expectations, NotAsExpected } from '../expectations';
import type { Stage } from '../stage';
import { makeDocuments } from './documents';
import { type PlannedFault, planFaults } from './faults';
import { openWorld, type World } from './world';

export interface BacklogOptions {
  readonly documents: number;
  readonly seed: number;
  readonly tasks: number;
  readonly progress: (line: string) => void;
}

/** What `rehearse --backlog N --json` prints. */
export interface BacklogResult {
  readonly held: boolean;
  readonly seed: number;
  readonly documents: number;
  readonly pages: number;
  readonly faults: readonly PlannedFault[];
  readonly expectations: readonly Expectation[];
  /** Of the run without faults. */
  readonly storage: { readonly perDocument: number; readonly coordinationPerPage: number };
  /** The largest task's processes together, MiB; 0 where the system does not tell. */
  readonly taskMemoryMib: number;
  readonly pagesPerSecond: number;
}

const BUCKETS = { input: 'backlog-documents', out: 'backlog-texts' } as const;
const IN = `gs://${BUCKETS.input}/in`;

/** A backlog read twice, once while things go wrong: every page once, and the same text. */
export async function rehearseBacklog(options: BacklogOptions): Promise<BacklogResult> {
  const world = await openWorld(BUCKETS, options.progress);
  const expected = expectations();
  try {
    await release(world.stage);
    const pages = await fill(world.stage, options);
    const calm = await readAll(world, 'calm', options, []);
    const calmTexts = textsOf(world.stage, 'calm');
    const faults = planFaults(options.documents, random(options.seed));
    const stormy = await readAll(world, 'stormy', options, faults);
    const result = {
      ...{ seed: options.seed, documents: options.documents, pages, faults },
      ...{ storage: calm.storage, taskMemoryMib: Math.max(calm.taskMemoryMib, stormy.taskMemoryMib) },
      pagesPerSecond: calm.pagesPerSecond,
    };
    try {
      judge(expected, { calm, stormy, pages, ...options });
      const [one, other] = [calmTexts, textsOf(world.stage, 'stormy')];
      const different = [...one.keys()].filter((name) => one.get(name) !== other.get(name));
      expected.expect(
        2,
        'every text is the same as without faults',
        different.length === 0,
        different.slice(0, 5),
      );
    } catch (error) {
      if (!(error instanceof NotAsExpected)) throw error;
    }
    return { held: expected.all.every(({ held }) => held), ...result, expectations: expected.all };
  } finally {
    await world.close();
  }
}

/** Its manifest, the results that are there, its first block, and its progress with how many tasks there are. */
const START_OPERATIONS = 12;

type Run = Awaited<ReturnType<typeof readAll>>;

function judge(
  { expect }: Expectations,
  {
    calm,
    stormy,
    pages,
    documents,
    tasks,
  }: { calm: Run; stormy: Run; pages: number; documents: number; tasks: number },
): void {
  for (const [step, { status }] of [calm, stormy].entries()) {
    expect(step + 1, 'every document has its result', status.documents.done === documents, status.documents);
    expect(step + 1, 'every page is there once', status.pages === pages, status.pages);
    const { UNREADABLE_DOCUMENT: broken = 0, ...others } = status.failures;
    expect(step + 1, 'nothing failed but what is no document', Object.keys(others).length === 0, {
      broken,
      ...others,
    });
  }
  expect(
    1,
    'at most 2 operations of storage a document beside reading and writing it',
    calm.storage.perDocument <= 2,
    calm.storage.perDocument,
  );
  const perPage = calm.storage.coordinationPerPage;
  expect(
    1,
    `at most 0.1 a page, and ${START_OPERATIONS} for the start of each task`,
    perPage * pages <= 0.1 * pages + START_OPERATIONS * tasks,
    perPage,
  );
  expect(2, 'what a revision that was put back may have read is known', stormy.suspects > 0, stormy.suspects);
  expect(2, 'and was read again', stormy.status.suspects === 0, stormy.status.suspects);
}

/** A first release and a second one, so that there is something to go back to. */
async function release(stage: Stage): Promise<void> {
  for (const label of ['A', 'B']) {
    const sha = await stage.repository.merge(label, { image: `LABEL release=${label}` });
    await stage.deploy(sha, await stage.plan(sha), { initLedger: label === 'A' });
  }
}

async function fill(stage: Stage, { documents, seed }: BacklogOptions): Promise<number> {
  const { storage } = stage.context('owner');
  let pages = 0;
  for await (const made of makeDocuments(documents, random(seed))) {
    await storage.write(BUCKETS.input, `in/${made.name}`, made.content, '0', 'application/octet-stream');
    pages += made.pages;
  }
  return pages;
}

/** One batch from start to end; faults strike as its documents are done. */
async function readAll(
  world: World,
  folder: string,
  options: BacklogOptions,
  faults: readonly PlannedFault[],
) {
  const { stage, calls } = world;
  const context = stage.context('batch');
  const from = calls.length;
  const started = performance.now();
  const out = `gs://${BUCKETS.out}/${folder}`;
  const { name } = await startBatch(context, {
    ...{ input: IN, out, tasks: options.tasks },
    // Several blocks for each task: what is killed is then less than all of its work.
    blockPages: Math.ceil(options.documents / options.tasks),
  });
  const due = [...faults];
  let taskMemoryMib = 0;
  const done = () =>
    stage.cloud.storage.list(BUCKETS.out)!.filter((object) => isResult(object, folder)).length;
  for (;;) {
    const status = await batchStatus(context, name);
    // Its results are there a moment before its last task has ended.
    if (status.state === 'done' && (status.execution?.runningCount ?? 0) === 0) break;
    if (status.state === 'stopped') await resumeBatch(context, name);
    while (due[0] && done() >= due[0].after) {
      options.progress(`${due[0].fault}, at ${done()} documents`);
      await world.strike(due.shift()!.fault);
    }
    taskMemoryMib = Math.max(taskMemoryMib, await world.taskMemoryMib());
    await context.clock.sleep(LOOK_SECONDS);
  }
  const seconds = (performance.now() - started) / 1000;
  let status = await batchStatus(context, name);
  const storage = operations(calls.slice(from), folder, options.documents, status.pages);
  const { suspects } = status;
  if (suspects > 0) {
    await retryFailed(context, name, { suspect: true });
    do {
      await context.clock.sleep(LOOK_SECONDS);
      status = await batchStatus(context, name);
    } while (status.state === 'running' || (status.execution?.runningCount ?? 0) > 0);
  }
  return { status, suspects, storage, taskMemoryMib, pagesPerSecond: status.pages / seconds };
}

const LOOK_SECONDS = 0.5;

const isResult = (object: string, folder: string) =>
  object.startsWith(`${folder}/`) && !object.startsWith(`${folder}/_batch/`) && object.endsWith('.jsonl');

/** What tasks ask of Cloud Storage beside reading documents and writing their results. */
function operations(calls: readonly string[], folder: string, documents: number, pages: number) {
  const isDocument = (call: string) => call.includes(`/b/${BUCKETS.input}/o/`);
  const isResultWritten = (call: string) =>
    call.startsWith('POST') && call.includes(`name=${folder}%2F`) && !call.includes('_batch');
  const coordination = calls.filter((call) => !isDocument(call) && !isResultWritten(call)).length;
  return { perDocument: coordination / documents, coordinationPerPage: coordination / pages };
}

/** Each document's pages, without what differs from run to run: when they were read, and how long it took. */
function textsOf(stage: Stage, folder: string): Map<string, string> {
  const names = stage.cloud.storage.list(BUCKETS.out)!.filter((object) => isResult(object, folder));
  return new Map(
    names.map((name) => {
      const content = stage.cloud.storage.read(BUCKETS.out, name)!.content.toString('utf8');
      const pages = parsePages(content).map(({ page, status, source, text }) => [page, status, source, text]);
      return [name.slice(folder.length), sha256(JSON.stringify(pages))];
    }),
  );
}
