import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment } from '../../domain/deployment';
import { startFolder } from '../../domain/logs/startPhases';
import { seenTokens } from '../../domain/models/geometry';
import { servedModelName } from '../../domain/vllmArgs';
import { createOcrClient } from '../../ocr/client';
import { preparePage } from '../../ocr/page';
import { waitUntilReady } from '../../ocr/warmUp';
import type { startServer } from '../serverProcess';
import { differences } from './compare';
import { record, type RecordedAnswer } from './record';
import type { RecordedRequest } from './requests';
import { holds, row, type Row } from './row';

type Server = Pick<ReturnType<typeof startServer>, 'lines' | 'ended'>;

const SAMPLE_MILLISECONDS = 100;
/** A token of noise takes a busy CPU half a second. */
const TEXT_TOKENS = 8;
const PAGE = join(__dirname, '../../release/golden/page.png');

/** `refused`, `open` with the status of /health, or what else became of it. */
async function look(port: number): Promise<string> {
  const isOpen = await new Promise<boolean>((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => resolve(true)).on('error', () =>
      resolve(false),
    );
    socket.on('connect', () => socket.destroy());
  });
  if (!isOpen) return 'refused';
  const health = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
  return health ? `open, /health ${health.status}` : 'refused';
}

/** Each state of port and /health in a start, as the startup probe could see it; ends with the first 200. */
export async function portStates(port: number, { ended }: Pick<Server, 'ended'>): Promise<string[]> {
  const seen: string[] = [];
  let isOver = false;
  ended.catch(() => (isOver = true));
  while (!isOver && seen.at(-1) !== 'open, /health 200') {
    const now = await look(port);
    if (now !== seen.at(-1)) seen.push(now);
    await sleep(SAMPLE_MILLISECONDS);
  }
  if (isOver) await ended;
  return seen;
}

/** What was recorded of a server, and the rows that compare it with the stand-in's answers. */
export async function answers(
  url: string,
  requests: readonly RecordedRequest[],
  standIn: Readonly<Record<string, RecordedAnswer>>,
  progress: (line: string) => void,
): Promise<{ recorded: Record<string, RecordedAnswer>; rows: Row[] }> {
  let count = 0;
  const recorded = await record(url, requests, (name) =>
    progress(`request ${++count} of ${requests.length}: ${name}`),
  );
  const other = differences(recorded, standIn);
  const same = requests.length - other.length;
  return {
    recorded,
    rows: [
      holds('answers', 'as the stand-in answers', `${requests.length}`, `${same}`, other.length === 0),
      ...other.map(({ name, real, standIn: ours }) => row('answers', name, ours ?? 'nothing', real)),
    ],
  };
}

/** `warmup`, `ocr` and the phases of `logs`, on a server that is up. */
export async function used(server: Server, port: number, deployment: Deployment): Promise<Row[]> {
  const client = createOcrClient({
    baseUrl: `http://127.0.0.1:${port}`,
    model: servedModelName(deployment),
    modelId: deployment.model.id,
    maxModelLen: deployment.vllm.maxModelLen,
    timeoutSeconds: 300,
  });
  const waited = await waitUntilReady(client, { budgetSeconds: 60 });
  const page = await preparePage(await readFile(PAGE), client.ocrModel.grid);
  const read = await client.readPage(page, undefined, { maxTokens: TEXT_TOKENS, temperature: 0 });
  const tokens = seenTokens(page, client.ocrModel);
  return [
    holds('warmup', 'finds the model served', 'yes', `yes, after ${waited.toFixed(1)} s`, true),
    // Noise goes on until the limit, or ends by itself.
    holds(
      'ocr',
      'a page, limited to a few tokens',
      'length or stop',
      read.finishReason,
      /^(length|stop)$/.test(read.finishReason),
    ),
    holds(
      'ocr',
      'tokens of a page',
      `${tokens} and a few`,
      String(read.imageTokens),
      read.imageTokens >= tokens && read.imageTokens < tokens + 40,
    ),
    phases(server),
  ];
}

/** A CPU says neither "Model loading took" nor "torch.compile took": its start has no `load` of its own. */
function phases({ lines }: Server): Row {
  const fold = startFolder();
  const names = lines.flatMap((line) => {
    const told = fold(line);
    return typeof told === 'object' && told.phase ? [told.phase.name] : [];
  });
  return holds('logs', 'phases of the start', 'compile, ready', names.join(', '), names.includes('ready'));
}
