import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GoogleAuth, OAuth2Client } from 'google-auth-library';
import { z } from 'zod';
import { batchObjects, type Manifest } from '../../domain/batch/manifest';
import { MANIFEST, placeOf } from '../../domain/batch/places';
import { shareOf } from '../../domain/batch/pressure';
import { Failure, messageOf } from '../../domain/failure';
import { createOcrClient } from '../../ocr/client';
import { systemClock } from '../../ocr/clock';
import { mintIdentityToken } from '../../ocr/googleIdentityToken';
import { cachedIdentityToken } from '../../ocr/identityToken';
import { pacedClient } from '../../ocr/pace';
import { createPageReader } from '../../ocr/reader';
import { type CallApi, googleApi } from '../../release/adapters/google/googleApi';
import { readShare, type Share } from './readShare';
import { batchStore, type BatchStore } from './store';
import { type Reader, type ReaderMessage, supervise } from './supervise';
import { manifestSchema } from './schemas';

/** What a task finds in its environment: Cloud Run's own variables, and where the batch is. */
const environmentSchema = z.object({
  /** `gs://BUCKET/FOLDER/` of the results. */
  BATCH_OUT: z.string(),
  CLOUD_RUN_TASK_INDEX: z.coerce.number(),
  CLOUD_RUN_TASK_COUNT: z.coerce.number(),
  /** Root of every Google API instead of the public ones. */
  LIGHTONOCR_ENDPOINT: z.string().optional(),
  /** Instead of the account that the task runs as: an access token, and an account to mint identity tokens for. */
  GOOGLE_OAUTH_ACCESS_TOKEN: z.string().optional(),
  LIGHTONOCR_INVOKER: z.string().optional(),
});
type TaskEnvironment = z.infer<typeof environmentSchema>;

/** Of the reading process; the task's own is small. Cloud Run holds both to the job's memory. */
const MAX_MEMORY_BYTES = 1536 * 2 ** 20;
/** Of a page: a batch has more time than a caller, and a page that fails has to be read by somebody again. An own choice. */
const ATTEMPTS = 10;
const ALIVE_MILLISECONDS = 5000;
/** The same program, started to read. */
const START = join(__dirname, '../../bin/start.js');
const PROGRAM = 'operate/batch/task';
const READ = 'read';

/** A line of Cloud Logging. */
const say = (severity: 'INFO' | 'ERROR', message: string) =>
  void process.stdout.write(`${JSON.stringify({ severity, message })}\n`);

/** A task of a batch's job: started as such it supervises; started by itself it reads. */
export async function main(argv: readonly string[]): Promise<never> {
  const abort = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => abort.abort(new DOMException('the task is ended', 'AbortError')));
  try {
    const environment = environmentOf(process.env);
    if (argv[2] === READ) await readAsChild(environment, abort.signal);
    else await superviseReader(abort.signal);
    process.exit(0);
  } catch (error) {
    if (argv[2] !== READ)
      say('ERROR', error instanceof Failure ? error.toString() : String((error as Error).stack ?? error));
    process.exit(1);
  }
}

/** @throws Failure `NO_BATCH` (1) where something is missing. */
function environmentOf(variables: NodeJS.ProcessEnv): TaskEnvironment {
  const parsed = environmentSchema.safeParse(variables);
  if (parsed.success) return parsed.data;
  throw new Failure({
    code: 'NO_BATCH',
    message: 'The task does not know its batch.',
    where: 'its variables',
    got: `wrong or missing: ${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')}`,
    remedy: 'start the job by: bin/lightonocr batch DEPLOYMENT gs://IN --out gs://OUT --start',
    exitCode: 1,
  });
}

function superviseReader(signal: AbortSignal): Promise<void> {
  return supervise({
    ...systemClock,
    signal,
    maxMemoryBytes: MAX_MEMORY_BYTES,
    progress: (line) => say('INFO', line),
    start: (order) => readerOf(fork(START, [PROGRAM, READ, JSON.stringify(order)], { stdio: 'inherit' })),
  });
}

function readerOf(child: ChildProcess): Reader {
  return {
    exited: new Promise((resolve) => {
      child.once('error', (error) => resolve(messageOf(error)));
      child.once('exit', (code, signal) => resolve(signal ?? (code === 0 ? undefined : `exit code ${code}`)));
    }),
    onMessage: (hear) => void child.on('message', (message) => hear(message as ReaderMessage)),
    kill: () => void child.kill('SIGKILL'),
    memoryBytes: () => memoryOf(child.pid),
  };
}

/** Linux alone tells. */
function memoryOf(pid: number | undefined): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}

/** Codes that pass: the batch waits, and no document is to blame. */
async function readAsChild(environment: TaskEnvironment, signal: AbortSignal): Promise<void> {
  const tell = (message: ReaderMessage) => void process.send?.(message);
  process.once('disconnect', () => process.exit(1));
  const alive = setInterval(() => tell({ kind: 'alive' }), ALIVE_MILLISECONDS);
  try {
    const order = JSON.parse(process.argv.at(-1)!) as Pick<Share, 'suspects' | 'poison'>;
    await readTask(environment, order, signal, tell);
    tell({ kind: 'done' });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    tell({ kind: 'stopped', code: error.code, text: error.message });
  } finally {
    clearInterval(alive);
    process.disconnect?.();
  }
}

async function readTask(
  environment: TaskEnvironment,
  order: Pick<Share, 'suspects' | 'poison'>,
  signal: AbortSignal,
  tell: (message: ReaderMessage) => void,
): Promise<void> {
  const call = callOf(environment);
  const options = {
    ...systemClock,
    signal,
    random: Math.random,
    progress: (line: string) => say('INFO', line),
  };
  const place = placeOf(environment.BATCH_OUT, 'BATCH_OUT');
  const out = batchStore(call, place, options);
  const manifest = await readManifest(out, place.prefix);
  const tasks = environment.CLOUD_RUN_TASK_COUNT;
  const { service } = manifest;
  let atWork = tasks;
  const client = pacedClient(
    serviceClient(manifest, environment),
    () => shareOf(service.pagesAtOnce, atWork),
    service.timeoutSeconds,
    systemClock,
  );
  await readShare(
    {
      ...systemClock,
      signal,
      out,
      input: batchStore(call, placeOf(manifest.input, 'input'), options),
      reader: createPageReader(client, { attempts: ATTEMPTS, warmUpBudgetSeconds: service.coldStartSeconds }),
      window: service.pagesAtOnce,
      limit: client.limit,
      onBegin: (document) => tell({ kind: 'begin', document }),
      onEnd: (document) => tell({ kind: 'end', document }),
      onTasks: (count) => (atWork = count),
    },
    manifest,
    { ...order, task: environment.CLOUD_RUN_TASK_INDEX, tasks },
  );
}

/** @throws Failure `NO_BATCH` (1). */
export async function readManifest(out: Pick<BatchStore, 'read'>, prefix: string): Promise<Manifest> {
  const content = await out.read(prefix + MANIFEST);
  if (content !== undefined) return manifestSchema.parse(JSON.parse(content.toString('utf8')));
  throw new Failure({
    code: 'NO_BATCH',
    message: 'There is no batch in this folder.',
    where: batchObjects(prefix).own,
    remedy: 'start one: bin/lightonocr batch DEPLOYMENT gs://IN --out gs://OUT --start',
    exitCode: 1,
  });
}

function callOf({
  LIGHTONOCR_ENDPOINT: endpoint,
  GOOGLE_OAUTH_ACCESS_TOKEN: token,
}: TaskEnvironment): CallApi {
  const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' });
  return googleApi(async () => {
    if (token === undefined) return auth.getClient();
    const client = new OAuth2Client();
    client.setCredentials({ access_token: token });
    return client;
  }, endpoint);
}

function serviceClient({ service }: Manifest, environment: TaskEnvironment) {
  const {
    LIGHTONOCR_ENDPOINT: endpoint,
    GOOGLE_OAUTH_ACCESS_TOKEN: token,
    LIGHTONOCR_INVOKER: invoker,
  } = environment;
  const client = new OAuth2Client();
  client.setCredentials({ access_token: token ?? null });
  return createOcrClient({
    baseUrl: service.url,
    identityToken: cachedIdentityToken(
      (audience) =>
        mintIdentityToken(audience, {
          ...(invoker !== undefined && { impersonate: invoker }),
          ...(endpoint !== undefined && { endpoint }),
          ...(token !== undefined && { credentials: async () => client }),
        }),
      service.url,
      systemClock.now,
    ),
    model: service.model,
    modelId: service.modelId,
    maxModelLen: service.maxModelLen,
    textTokens: service.textTokens,
    timeoutSeconds: service.timeoutSeconds,
  });
}
