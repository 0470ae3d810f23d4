import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** What one run of a Node program cost. */
export interface Cost {
  readonly seconds: number;
  /** Peak resident memory. */
  readonly mebibytes: number;
}

export interface Program {
  /** As after `node`. */
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it may fail. */
  readonly anyCode?: boolean;
}

/** Runs it and waits for its end. Its output is thrown away unless it fails. */
export async function measure({ args, cwd, env, anyCode = false }: Program): Promise<Cost> {
  const started = process.hrtime.bigint();
  const child = spawn(process.execPath, ['-r', join(__dirname, 'peakMemory.cjs'), ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const collected = ['', ''];
  [child.stderr, child.stdio[3]].forEach((stream, at) =>
    stream?.on('data', (chunk: Buffer) => (collected[at] += chunk.toString())),
  );
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const [errors = '', kibibytes] = collected;
  if (code !== 0 && !anyCode)
    throw new Error(`node ${args.join(' ')} ended with ${code}:\n${errors.slice(-4000)}`);
  return { seconds, mebibytes: Number(kibibytes) / 1024 };
}

/** The cheapest of several runs, each value on its own: whatever else the machine does only ever adds. */
export async function cheapest(program: Program, runs: number): Promise<Cost> {
  const costs: Cost[] = [];
  for (let run = 0; run < runs; run++) costs.push(await measure(program));
  return {
    seconds: Math.min(...costs.map(({ seconds }) => seconds)),
    mebibytes: Math.min(...costs.map(({ mebibytes }) => mebibytes)),
  };
}
