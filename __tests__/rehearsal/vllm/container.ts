import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT = path.join(__dirname, '..', '..', '..');
export const MODEL = 'lightonai/LightOnOCR-2-1B';
/** The arguments of a deployment's container, with more or others behind them. */
export const ARGS = [
  '--model',
  MODEL,
  '--max-num-seqs',
  '8',
  '--max-model-len',
  '8192',
  '--limit-mm-per-prompt',
  '{"image":1}',
];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** The stand-in as the local Cloud Run starts it; `url` is where its container port 8000 is on the host. */
export async function startContainer(args: readonly string[] = ARGS, env: Record<string, string> = {}) {
  const hostPort = await freePort();
  const child = spawn(process.execPath, [path.join(ROOT, 'bin/start.js'), 'rehearsal/vllm/main', ...args], {
    cwd: ROOT,
    env: { ...process.env, CONTAINER_PORT_MAP: `8000=${hostPort}`, ...env },
    stdio: 'pipe',
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const url = `http://127.0.0.1:${hostPort}`;
  const status = (route: string): Promise<number> =>
    fetch(url + route).then(
      (response) => response.status,
      () => 0,
    );
  return {
    url,
    child,
    exit,
    output: () => output,
    /** HTTP status; 0 when nobody listens. */
    status,
    /** Every different status of `/health` until it is 200 or the process ends. */
    async ready(): Promise<number[]> {
      const seen: number[] = [];
      while (seen.at(-1) !== 200) {
        if (child.exitCode !== null) throw new Error(`exited with ${child.exitCode}: ${output}`);
        const now = await status('/health');
        if (now !== seen.at(-1)) seen.push(now);
        await sleep(10);
      }
      return seen;
    },
    /** Values of metrics at one moment, those of all labels together. */
    async metrics(...names: readonly string[]): Promise<number[]> {
      const text = await (await fetch(`${url}/metrics`)).text();
      const values = (name: string) => [
        ...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)\\.0$`, 'gm')),
      ];
      return names.map((name) => values(name).reduce((sum, [, value]) => sum + Number(value), 0));
    },
    chat: (body: unknown): Promise<Response> =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async stop(): Promise<void> {
      child.kill('SIGKILL');
      await exit;
    },
  };
}
export type Container = Awaited<ReturnType<typeof startContainer>>;

/** A chat request with images as the client sends one. */
export function chatBody(
  images: readonly Buffer[],
  rest: Record<string, unknown> = {},
): Record<string, unknown> {
  const content = images.map((image) => ({
    type: 'image_url',
    image_url: { url: `data:image/png;base64,${image.toString('base64')}` },
  }));
  return { model: MODEL, max_tokens: 4096, messages: [{ role: 'user', content }], ...rest };
}
