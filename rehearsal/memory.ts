import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SAMPLE_MILLISECONDS = 500;

/** Largest sum of the resident memory of this process and all below it, sampled twice a second; shared pages count for each. */
export function watchMemory(): { stop(): number } {
  let peakKib = 0;
  const timer = setInterval(() => {
    void processes()
      .then((all) => (peakKib = Math.max(peakKib, residentKib(all, process.pid))))
      .catch(() => undefined); // a process that ended while it was looked at
  }, SAMPLE_MILLISECONDS);
  timer.unref();
  return {
    /** Bytes; 0 where the system does not tell. */
    stop() {
      clearInterval(timer);
      return peakKib * 1024;
    },
  };
}

/** Of a process and all below it, MiB; 0 where it is gone. */
export const residentMib = async (pid: number): Promise<number> =>
  residentKib(await processes().catch(() => []), pid) / 1024;

export const childrenOf = async (pid: number): Promise<number[]> =>
  (await processes().catch(() => [])).filter(({ parent }) => parent === pid).map((child) => child.pid);

interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly residentKib: number;
}

function residentKib(all: readonly ProcessInfo[], root: number): number {
  const own = all.find(({ pid }) => pid === root)?.residentKib ?? 0;
  return all
    .filter(({ parent }) => parent === root)
    .reduce((sum, { pid }) => sum + residentKib(all, pid), own);
}

/** From /proc on Linux, where `ps` may be missing; from `ps` elsewhere. */
async function processes(): Promise<ProcessInfo[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,rss=']);
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([pid = 0, parent = 0, residentKib = 0]) => ({ pid, parent, residentKib }));
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const infos = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const number = (key: string) => Number(new RegExp(`^${key}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
      return { pid: Number(pid), parent: number('PPid'), residentKib: number('VmRSS') };
    }),
  );
  return infos;
}
