import { spawn } from 'node:child_process';

/** `user system` of the shell, then of all processes that it has waited for, as `times` prints them. */
const TIMES = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/gm;

/** What a shell's `times` says of its children, in seconds of CPU. */
export function childSeconds(printed: string): number {
  const [, children] = [...printed.matchAll(TIMES)];
  const [, userMinutes, user, systemMinutes, system] = children?.map(Number) ?? [];
  return (userMinutes! + systemMinutes!) * 60 + user! + system!;
}

/** CPU seconds of a program and of every process below it; its output is thrown away, its exit code is not looked at. */
export async function treeCpu(
  command: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<number> {
  const child = spawn('sh', ['-c', '"$@" >/dev/null 2>&1; times', 'sh', ...command], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  await new Promise((resolve) => child.on('close', resolve));
  return childSeconds(printed);
}

/** The cheapest of several runs: whatever else the machine does only ever adds. */
export async function cheapestCpu(runs: number, ...args: Parameters<typeof treeCpu>): Promise<number> {
  const costs: number[] = [];
  for (let run = 0; run < runs; run++) costs.push(await treeCpu(...args));
  return Math.min(...costs);
}
