import { setTimeout as sleep } from 'node:timers/promises';
import { answerKind, finishKind, vllmError } from '../../domain/service/answerKind';
import type { startServer } from '../serverProcess';
import { ask } from './record';
import type { RecordedRequest } from './requests';
import { holds, type Row } from './row';

type Server = ReturnType<typeof startServer>;

/** Cloud Run kills so many seconds after SIGTERM. */
const KILL_SECONDS = 10;

/**
 * SIGTERM with a long request in flight: what it is answered, what a new one is answered meanwhile, and how long the server
 * takes to end. Ends the server.
 * @param long a request that outlives the time-out by far.
 */
export async function drained(server: Server, url: string, long: RecordedRequest): Promise<Row[]> {
  const inFlight = ask(url, long).catch((error: unknown) => error as Error);
  await sleep(1000); // until the engine has it
  const started = performance.now();
  server.signal('SIGTERM');
  await sleep(500); // vLLM has begun to drain
  const fresh = await ask(url, long).catch((error: unknown) => error as Error);
  const ended = await Promise.race([
    server.closed.then(() => (performance.now() - started) / 1000),
    sleep(60_000, undefined, { ref: false }),
  ]);
  const old = await Promise.race([inFlight, sleep(100, undefined, { ref: false })]);
  return [
    holds(
      'drain',
      'a request in flight is never taken for a whole page',
      'interrupted, or no answer',
      old === undefined || old instanceof Error ? 'no answer' : interruption(old.body ?? ''),
      old === undefined || old instanceof Error || interruption(old.body ?? '') === 'interrupted',
    ),
    holds(
      'drain',
      'a new request is sent to another instance',
      'draining, or no connection',
      fresh instanceof Error ? 'no connection' : kindOf(fresh),
      fresh instanceof Error || kindOf(fresh) === 'draining',
    ),
    holds(
      'drain',
      'seconds from SIGTERM to the end',
      `below ${KILL_SECONDS}`,
      ended === undefined ? 'more than 60' : ended.toFixed(2),
      ended !== undefined && ended < KILL_SECONDS,
    ),
  ];
}

function kindOf({ status, body = '' }: { status: number; body?: string }): string {
  const { message } = vllmError(body);
  return answerKind({ status, ...(typeof message === 'string' && { message }) });
}

function interruption(body: string): string {
  const { choices = [] } = JSON.parse(body) as { choices?: readonly { finish_reason: string }[] };
  return finishKind(choices[0]?.finish_reason ?? '');
}
