import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type LogEntry, nanosecondTime, readLogEntry } from '../domain/logs/logEntry';

/** How long a server may take to end before it is killed. */
const STOP_MILLISECONDS = 30_000;

/** Its lines, as Cloud Run would have logged them: here the script is what starts the container and probes it. */
export function startServer(
  command: readonly string[],
  args: readonly string[],
  revision: string,
  env: NodeJS.ProcessEnv = {},
) {
  const lines: LogEntry[] = [];
  const add = (log: string, textPayload: string) =>
    void lines.push(
      readLogEntry({
        textPayload,
        timestamp: nanosecondTime(new Date().toISOString()),
        logName: `projects/local/logs/run.googleapis.com%2F${log}`,
        labels: { instanceId: 'local' },
        resource: { labels: { revision_name: revision } },
      }),
    );
  add('varlog%2Fsystem', 'Starting new instance. Reason: MANUAL');
  const [program = '', ...first] = command;
  const child = spawn(program, [...first, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const name of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[name] }).on('line', (line) => add(name, line));
  }
  const closed = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(`exit code ${code}`));
  });
  const ended = closed.then((how): never => {
    const last = lines.slice(-10).map(({ text }) => `  ${text}`);
    throw new Error(`${[program, ...first].join(' ')} ended (${how}) with ${revision}:\n${last.join('\n')}`);
  });
  ended.catch(() => undefined);
  return {
    lines,
    /** Rejects when the process ends, with its last lines. */
    ended,
    /** Resolves when the process has ended, with how. */
    closed,
    signal: (name: NodeJS.Signals) => void child.kill(name),
    note: (text: string) => add('varlog%2Fsystem', text),
    async stop() {
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS);
      await closed;
      clearTimeout(kill);
    },
  };
}
