import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

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
