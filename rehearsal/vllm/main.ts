/**
 * The container of the rehearsal: `node bin/start.js rehearsal/vllm/main <vLLM's arguments>`.
 * Environment: `STAND_IN_FAULT` (fault.ts), `STAND_IN_VERSION` (the vLLM whose answers it gives) and `CONTAINER_PORT_MAP`, which stands for the container's network: `8000=43123`
 * says that the container's port 8000 is 127.0.0.1:43123 of the host. A port that is not in the map, or a host that is the
 * container's own loopback, is reached by nobody, as in a real container. Without the variable the port is the host's.
 * Exits 0 on SIGTERM or when its parent is gone, 1 when it cannot run, 2 on a bad command line. Page content is never logged.
 */
import { fstatSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../domain/failure';
import { modelNamed } from '../../domain/models';
import { ArgumentError, parseVllmArgs, type VllmOptions } from './args';
import { type Fault, parseFault } from './fault';
import { startOnGpu } from './gpu';
import { startReader } from './reader';
import { createStandIn, STAND_IN, type StandIn } from './server';
import { DEFAULT_VERSION } from './version';

const log = (line: string): void => void process.stdout.write(`${line}\n`);

function stop(code: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function hostPort({ host, port }: VllmOptions): number {
  if (['127.0.0.1', 'localhost', '::1'].includes(host)) return 0;
  const map = process.env.CONTAINER_PORT_MAP;
  if (map === undefined) return port;
  const mapped = map.split(',').find((entry) => entry.startsWith(`${port}=`));
  return mapped === undefined ? 0 : Number(mapped.split('=')[1]);
}

/** A pipe from the parent ends when the parent dies, however it dies; a terminal or /dev/null says nothing about it. */
function exitWithParent(): void {
  const stdin = fstatSync(0);
  if (!stdin.isFIFO() && !stdin.isSocket()) return;
  process.stdin
    .on('end', () => process.exit(0))
    .on('error', () => process.exit(0))
    .resume();
}

/** A line as vLLM's formatter writes it: `(EngineCore pid=28) INFO 11-25 02:50:43 [core.py:1] …`. */
function vllmLog(source: 'EngineCore' | 'APIServer', level: 'INFO' | 'ERROR', text: string): void {
  const time = new Date().toISOString();
  const file = source === 'EngineCore' ? 'core.py:1' : 'api_server.py:1';
  log(`(${source} pid=${process.pid}) ${level} ${time.slice(5, 10)} ${time.slice(11, 19)} [${file}] ${text}`);
}

/** The engine is a process of its own in vLLM: it fails with its reason, and the server ends after it. */
function engineFailed(reason: string): never {
  vllmLog('EngineCore', 'ERROR', 'EngineCore failed to start.');
  vllmLog('EngineCore', 'ERROR', reason);
  stop(
    1,
    `(APIServer pid=${process.pid}) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}`,
  );
}

/** Everything between the command line and the model that can be asked; ends the process where vLLM would. */
async function load(options: VllmOptions, fault: Fault): Promise<void> {
  if (fault.kind === 'model-missing') {
    // Before the engine: the server looks for the model's configuration.
    stop(1, `(APIServer pid=${process.pid}) huggingface_hub.errors.LocalEntryNotFoundError: ${NO_SNAPSHOT}`);
  }
  const { lines, error } = startOnGpu(options);
  for (const line of lines) vllmLog('EngineCore', 'INFO', line);
  if (error !== undefined) engineFailed(`ValueError: ${error}`);
  if (fault.kind === 'crash-at-start') {
    engineFailed('RuntimeError: CUDA error: the provided PTX was compiled with an unsupported toolchain.');
  }
  if (fault.kind === 'memory') kept.push(Buffer.alloc(fault.mebibytes * 2 ** 20, 1));
  if (fault.kind === 'slow-start') await sleep(fault.milliseconds);
}

/** https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/_snapshot_download.py */
const NO_SNAPSHOT =
  'Cannot find an appropriate cached snapshot folder for the specified revision on the local disk and outgoing traffic has ' +
  "been disabled. To enable repo look-ups and downloads online, pass 'local_files_only=False' as input.";
/** What the fault `memory` takes, so that nobody collects it. */
const kept: Buffer[] = [];

/**
 * SIGTERM, as vLLM takes it. With `--shutdown-timeout` the port stays open and what is in the engine is finished; without it
 * the port closes at once. What is not finished in time is never answered, nor is its connection closed: the process then
 * lives until somebody kills it.
 */
function onSigterm({ server, drain, running }: StandIn, { shutdownTimeoutSeconds }: VllmOptions): void {
  const startedAt = performance.now();
  vllmLog('APIServer', 'INFO', '[shutdown] API server: shutdown triggered');
  drain();
  if (shutdownTimeoutSeconds === 0) server.close();
  setInterval(() => {
    const isLate = performance.now() - startedAt > shutdownTimeoutSeconds * 1000;
    if (isLate) server.close();
    if (running() > 0) return;
    server.close(() => process.exit(0));
    server.closeIdleConnections(); // kept-alive connections go idle as their answers go out
  }, 50);
}

async function main(): Promise<void> {
  log(`This is the ${STAND_IN}.`);
  exitWithParent();
  const version = process.env.STAND_IN_VERSION || DEFAULT_VERSION;
  const options = parseVllmArgs(process.argv.slice(2), version);
  const fault = parseFault(process.env.STAND_IN_FAULT);
  process.once('SIGTERM', () => process.exit(0)); // nothing is in flight before it listens
  const starting = startReader(modelNamed(options.model));
  await load(options, fault);
  const engineStarts = performance.now();
  const reader = await starting;
  const standIn = createStandIn({ options, version, fault, reader });
  const { server } = standIn;
  const seconds = ((performance.now() - engineStarts) / 1000).toFixed(2);
  vllmLog('EngineCore', 'INFO', `init engine (profile, create kv cache, warmup model) took ${seconds} s`);
  vllmLog('APIServer', 'INFO', `Starting vLLM server on http://${options.host}:${options.port}`);
  server.on('error', (error) => stop(1, `cannot listen: ${error.message}`));
  await new Promise<void>((resolve) => server.listen(hostPort(options), '127.0.0.1', resolve));
  process.removeAllListeners('SIGTERM');
  process.once('SIGTERM', () => onSigterm(standIn, options));
  log('INFO:     Application startup complete.');
}

main().catch((error: unknown) => {
  if (error instanceof ArgumentError)
    stop(2, `usage: vllm serve [model_tag] [options]\nvllm serve: error: ${error.message}`);
  stop(1, messageOf(error));
});
