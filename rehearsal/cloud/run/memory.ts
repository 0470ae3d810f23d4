import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that is held to a container's memory; one without a number is held to none. */
interface Held {
  readonly pid?: number | undefined;
  kill(signal: 'SIGKILL'): void;
}

/**
 * Ends a container that takes more than its limit, in Cloud Run's words: its own `varlog/system`, severity ERROR.
 * @param scale MiB of this machine that a MiB of the limit stands for.
 */
export async function endOverMemory(
  { pid, kill }: Held,
  limit: string | undefined,
  scale: number,
  say: (severity: 'ERROR', text: string) => void,
): Promise<void> {
  if (pid === undefined) return;
  const limitMib = memoryLimitMib(limit);
  const usedMib = await memoryOverLimit(pid, limitMib * scale);
  if (usedMib === undefined) return;
  say(
    'ERROR',
    `Memory limit of ${limitMib} MiB exceeded with ${Math.ceil(usedMib / scale)} MiB used. Consider increasing the memory limit, see ` +
      'https://cloud.google.com/run/docs/configuring/memory-limits',
  );
  kill('SIGKILL');
}

/** How often a container's memory is looked at: a process has the wall clock. */
const LOOK_MILLISECONDS = 100;
const KIB_PER_MIB = 1024;

/** `16Gi`, `512Mi` in MiB; Cloud Run's default is 512 MiB. */
export function memoryLimitMib(limit = '512Mi'): number {
  return limit.endsWith('Gi') ? parseFloat(limit) * 1024 : parseFloat(limit);
}

/**
 * Looks at what a process has in memory until it is over the limit or gone. Linux alone tells (`/proc`); elsewhere nothing is
 * held to its limit.
 * @returns MiB in use, when that is over the limit; undefined when the process is gone.
 */
export async function memoryOverLimit(pid: number, limitMib: number): Promise<number | undefined> {
  for (;;) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    if (kib === undefined) return undefined; // gone, or a zombie
    const usedMib = Math.ceil(Number(kib) / KIB_PER_MIB);
    if (usedMib > limitMib) return usedMib;
    await sleep(LOOK_MILLISECONDS, undefined, { ref: false });
  }
}
