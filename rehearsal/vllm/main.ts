/**
 * The container of the rehearsal: `node -r ./bin/register.js rehearsal/vllm/main.ts <vLLM's arguments>`.
 * Environment: `STAND_IN_FAULT` (fault.ts) and `CONTAINER_PORT_MAP`, which stands for the container's network: `8000=43123`
 * says that the container's port 8000 is 127.0.0.1:43123 of the host. A port that is not in the map, or a host that is the
 * container's own loopback, is reached by nobody, as in a real container. Without the variable the port is the host's.
 * Exits 0 on SIGTERM or when its parent is gone, 1 when it cannot run, 2 on a bad command line. Page content is never logged.
 */
import { fstatSync } from 'node:fs';
import { messageOf } from '../../domain/failure';
import { ArgumentError, parseVllmArgs, type VllmOptions } from './args';
import { parseFault } from './fault';
import { startReader } from './reader';
import { createStandIn, VERSION } from './server';

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

async function main(): Promise<void> {
  log(`This is the ${VERSION}.`);
  exitWithParent();
  const options = parseVllmArgs(process.argv.slice(2));
  const fault = parseFault(process.env.STAND_IN_FAULT);
  const standIn = createStandIn(options, fault);
  const { server } = standIn;
  process.on('SIGTERM', () => {
    server.close(() => process.exit(0));
    setInterval(() => server.closeIdleConnections(), 50); // kept-alive connections go idle as their answers go out
    setTimeout(() => process.exit(0), options.shutdownTimeoutSeconds * 1000);
  });
  server.on('error', (error) => stop(1, `cannot listen: ${error.message}`));
  await new Promise<void>((resolve) => server.listen(hostPort(options), '127.0.0.1', resolve));
  log(`model ${options.model}: loading`);
  if (fault.kind === 'crash-at-start') {
    stop(1, 'RuntimeError: CUDA error: the provided PTX was compiled with an unsupported toolchain.');
  }
  standIn.loaded(await startReader());
  log(`Application startup complete, port ${options.port}`);
}

main().catch((error: unknown) => {
  if (error instanceof ArgumentError)
    stop(2, `usage: vllm serve [model_tag] [options]\nvllm serve: error: ${error.message}`);
  stop(1, messageOf(error));
});
