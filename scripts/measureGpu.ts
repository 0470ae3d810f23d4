import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import sharp from 'sharp';
import type { Deployment } from '../domain/deployment';
import { instanceStarts, type InstanceStart } from '../domain/logs/startPhases';
import { servedModelName, vllmArgs } from '../domain/vllmArgs';
import { createOcrClient, type OcrClient, type PageText } from '../ocr/client';
import { preparePage, type PreparedPage } from '../ocr/page';
import { waitUntilReady } from '../ocr/warmUp';
import { startServer } from './serverProcess';

export interface GpuMeasurement {
  readonly maxNumSeqs: number;
  /** Phases from the command to the first answer; the container runtime's own work is in `attach`. */
  readonly start: InstanceStart;
  readonly pages: number;
  readonly pagesPerSecond: number;
  readonly tokensPerSecond: number;
  /** Of one page, while as many are asked for as are decoded together. */
  readonly p50Seconds: number;
  readonly p95Seconds: number;
  /** Answers that did not end with `stop`: cut, or a loop. */
  readonly notWhole: number;
  /** Most that nvidia-smi reported of the first GPU; undefined where there is no nvidia-smi. */
  readonly gpuMemoryMib?: number;
}

export interface MeasureOptions {
  readonly deployment: Deployment;
  readonly maxNumSeqs: number;
  /** What starts the server; vLLM's arguments are put behind it. */
  readonly command: readonly string[];
  readonly pageFile: string;
  readonly pages: number;
  readonly port: number;
  readonly progress: (line: string) => void;
}

const SAMPLE_MILLISECONDS = 1000;

/** Starts the server with so many sequences, reads pages with as many requests at a time, and ends it. */
export async function measureGpu(options: MeasureOptions): Promise<GpuMeasurement> {
  const { maxNumSeqs, pages, port, pageFile, progress } = options;
  const deployment = {
    ...options.deployment,
    port,
    vllm: { ...options.deployment.vllm, maxNumSeqs },
  };
  const server = startServer(options.command, vllmArgs(deployment), `max-num-seqs ${maxNumSeqs}`);
  const memory = sampleGpuMemory();
  const over = new AbortController();
  try {
    const client = createOcrClient({
      baseUrl: `http://127.0.0.1:${port}`,
      model: servedModelName(deployment),
      maxModelLen: deployment.vllm.maxModelLen,
      textTokens: deployment.page.textTokens,
      identityToken: () => Promise.resolve('local'), // nobody looks at it
    });
    const onWait = (seconds: number) => progress(`starting, ${seconds.toFixed(0)} s`);
    const budgetSeconds = deployment.release.smoke.coldStartSeconds;
    await Promise.race([
      waitUntilReady(client, { budgetSeconds, onWait, signal: over.signal }),
      server.ended,
    ]);
    server.note('STARTUP HTTP probe succeeded');
    const [start] = instanceStarts(server.lines);
    const images = await differentPages(pageFile, pages, deployment.page.longestSidePixels);
    // The first page compiles what the start did not; it is no part of the rate.
    await client.readPage(images[0]!);
    progress(`${pages} pages, ${maxNumSeqs} at a time`);
    const started = performance.now();
    const read = await Promise.race([readAll(client, images, maxNumSeqs), server.ended]);
    return {
      maxNumSeqs,
      start: start!,
      ...rates(read, (performance.now() - started) / 1000),
      ...memory.stop(),
    };
  } finally {
    over.abort();
    memory.stop();
    await server.stop();
  }
}

/** The page in slightly different brightness: vLLM keeps what it made of a picture that it has seen. */
async function differentPages(
  file: string,
  count: number,
  longestSidePixels: number,
): Promise<PreparedPage[]> {
  const page = await readFile(file);
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const image = await sharp(page)
        .linear(1 - index / (count * 20))
        .png()
        .toBuffer();
      return preparePage(image, { longestSidePixels });
    }),
  );
}

/** As many loops as sequences: the server always has as much to do as it takes, and nothing waits in front of it. */
async function readAll(
  client: OcrClient,
  images: readonly PreparedPage[],
  atOnce: number,
): Promise<PageText[]> {
  const read: PageText[] = [];
  let next = 0;
  const loop = async () => {
    for (let image = images[next++]; image !== undefined; image = images[next++])
      read.push(await client.readPage(image));
  };
  await Promise.all(Array.from({ length: atOnce }, loop));
  return read;
}

function rates(read: readonly PageText[], seconds: number) {
  const sorted = read.map((page) => page.seconds).sort((one, other) => one - other);
  const percentile = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]!;
  return {
    pages: read.length,
    pagesPerSecond: read.length / seconds,
    tokensPerSecond: read.reduce((sum, { completionTokens }) => sum + completionTokens, 0) / seconds,
    p50Seconds: percentile(0.5),
    p95Seconds: percentile(0.95),
    notWhole: read.filter(({ finishReason }) => finishReason !== 'stop').length,
  };
}

function sampleGpuMemory() {
  let most: number | undefined;
  const sample = () =>
    promisify(execFile)(
      'nvidia-smi',
      ['--query-gpu=memory.used', '--format=csv,noheader,nounits', '--id=0'],
      { env: process.env },
    )
      .then(({ stdout }) => void (most = Math.max(most ?? 0, Number(stdout))))
      .catch(() => undefined);
  const timer = setInterval(() => void sample(), SAMPLE_MILLISECONDS);
  return {
    stop() {
      clearInterval(timer);
      return most === undefined ? {} : { gpuMemoryMib: most };
    },
  };
}
