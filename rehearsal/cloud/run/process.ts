import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Image } from '../registry';
import { type Listening, listeningOn } from './listening';
import { containerPort, mainContainer, type Revision } from './resources';

/** A running container, whose container port is a free port of this machine. */
export interface ContainerProcess {
  /** Of its process; what has none is held to no memory limit. */
  readonly pid?: number | undefined;
  readonly listening: Listening;
  /** Resolves with the reason when it has ended. */
  readonly exited: Promise<string>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Starts a revision's container; default `startProcess`. */
export type StartContainer = (
  revision: Revision,
  image: Image,
  /** As the template and its secrets give them. */
  variables: Readonly<Record<string, string>>,
  print: Print,
) => Promise<ContainerProcess>;

/** What a container prints, a line at a time. */
export type Print = (stream: 'stdout' | 'stderr', line: string) => void;

// Processes have the wall clock, whatever clock the cloud has.
/** After the end of a process, until its last lines count as read although something still holds its output open. */
const LAST_LINES_MILLISECONDS = 1000;

/** Cloud Run's time between SIGTERM and SIGKILL. */
const KILL_AFTER_MILLISECONDS = 10_000;

/**
 * What a revision's container runs, as its template says. `CONTAINER_PORT_MAP=8000=41234` stands for the container's own
 * network: told to listen on 8000, it listens on 41234.
 */
export function commandOf(
  revision: Revision,
  image: Image,
  variables: Readonly<Record<string, string>>,
  port: number,
): ContainerCommand {
  const container = mainContainer(revision.template);
  const inside = containerPort(container);
  const service = revision.service.slice(revision.service.lastIndexOf('/') + 1);
  const [command = '', ...args] = [...(container.command ?? image.entrypoint), ...(container.args ?? [])];
  const { PATH, HOME } = process.env;
  const env = {
    ...{ PATH, HOME },
    ...image.env,
    ...variables,
    PORT: String(inside),
    K_SERVICE: service,
    K_REVISION: revision.name,
    K_CONFIGURATION: service,
    CONTAINER_PORT_MAP: `${inside}=${port}`,
  };
  return { command, args, env };
}

export const startProcess: StartContainer = async (revision, image, variables, print) => {
  const port = await freePort();
  const container = spawnContainer(commandOf(revision, image, variables, port), print);
  return { ...container, listening: listeningOn(port) };
};

/** What a container runs: program, arguments and the whole of its environment. */
export interface ContainerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A container as a process. Standard input is a pipe that ends with this process, and it with its input: no orphans. */
export function spawnContainer({ command, args, env }: ContainerCommand, print: Print) {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  for (const stream of ['stdout', 'stderr'] as const)
    createInterface({ input: child[stream], crlfDelay: Infinity }).on('line', (line) => print(stream, line));
  const exited = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`Container could not be started: ${error.message}.`));
    child.on('exit', () => setTimeout(() => resolve(endOf(child)), LAST_LINES_MILLISECONDS).unref());
    child.on('close', () => resolve(endOf(child)));
  });
  const kill = (signal: 'SIGTERM' | 'SIGKILL') => void child.kill(signal);
  return { pid: child.pid, exited, kill };
}

/** In Cloud Run's words. */
function endOf({ exitCode, signalCode }: ChildProcess): string {
  if (exitCode !== null) return `Container called exit(${exitCode}).`;
  return `Container terminated on signal ${constants.signals[signalCode ?? 'SIGKILL']}.`;
}

/** SIGTERM, SIGKILL after ten seconds; resolves when the process has ended. */
export async function stopProcess({
  kill: end,
  exited,
}: Pick<ContainerProcess, 'kill' | 'exited'>): Promise<void> {
  end('SIGTERM');
  const kill = setTimeout(() => end('SIGKILL'), KILL_AFTER_MILLISECONDS);
  await exited;
  clearTimeout(kill);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
