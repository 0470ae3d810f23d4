import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from '../measure';
import type { Section } from '../runSections';
import { scratchClone } from '../scratchClone';
import { cheapestCpu } from '../treeCpu';

const ROOT = join(__dirname, '..', '..');
/** `--help` over a Node that does nothing; `status` over what it was; its memory. A shell counts CPU in hundredths of a second. */
const MOST_HELP = 2.5;
const LEAST_STATUS = 1.5;
const MOST_STATUS_MEBIBYTES = 75;
const RUNS = 5;

export interface CliCosts {
  readonly bare: number;
  readonly help: number;
  readonly status: number;
  /** Undefined where the earlier commit is not here. */
  readonly statusBefore: number | undefined;
  readonly statusMebibytes: number;
}

/** What misses a limit. */
export function misses({ bare, help, status, statusBefore, statusMebibytes }: CliCosts): string[] {
  const helpRatio = help / bare;
  const statusRatio = statusBefore === undefined ? undefined : statusBefore / status;
  return [
    ...(helpRatio > MOST_HELP ? [`--help: ${helpRatio.toFixed(2)} times Node alone, not ${MOST_HELP}`] : []),
    ...(statusRatio !== undefined && statusRatio < LEAST_STATUS
      ? [`status: ${statusRatio.toFixed(2)} times cheaper, not ${LEAST_STATUS}`]
      : []),
    ...(statusMebibytes > MOST_STATUS_MEBIBYTES
      ? [`status: ${statusMebibytes.toFixed(0)} MiB, not ${MOST_STATUS_MEBIBYTES}`]
      : []),
  ];
}

/** Megabytes of what `npm ci --omit=dev` installs, by the lockfile and the files that are here. */
export function productionMegabytes(root: string): number {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { dev?: boolean }>>;
  };
  const sizeOf = (folder: string): number =>
    readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
      const path = join(folder, entry.name);
      // What is below is a package of its own.
      if (entry.isDirectory()) return entry.name === 'node_modules' ? sum : sum + sizeOf(path);
      return sum + (entry.isFile() ? statSync(path).size : 0);
    }, 0);
  const folders = Object.entries(packages).filter(([name, { dev }]) => name !== '' && !dev);
  const bytes = folders.map(([name]) => {
    const folder = join(root, name);
    return statSync(folder, { throwIfNoEntry: false }) ? sizeOf(folder) : 0; // of another system
  });
  return bytes.reduce((sum, each) => sum + each, 0) / 1e6;
}

export const bench: Section = {
  title: 'starts of the command line, beside Node alone and beside an earlier commit',
  async run(print) {
    const base = scratchClone(ROOT);
    try {
      // Of a deployment that names no project yet: everything is loaded, and nobody is asked.
      const status = (root: string) => [join(root, 'bin/lightonocr'), 'status', 'production'];
      const node = (...args: string[]) => cheapestCpu(RUNS, [process.execPath, ...args]);
      const { mebibytes: statusMebibytes } = await measure({ args: status(ROOT), anyCode: true });
      const costs: CliCosts = {
        bare: await node('-e', '0'),
        help: await node(join(ROOT, 'bin/lightonocr'), '--help'),
        statusBefore: base && (await node(...status(base.folder))),
        status: await node(...status(ROOT)),
        statusMebibytes,
      };
      print(`Node alone   ${costs.bare.toFixed(2)} CPU-s`);
      print(`--help       ${costs.help.toFixed(2)} CPU-s (at most ${MOST_HELP} times Node alone)`);
      print(
        `status       ${costs.status.toFixed(2)} CPU-s, ${statusMebibytes.toFixed(0)} MiB; ${base ? `at ${base.commit} ${costs.statusBefore!.toFixed(2)}` : 'the earlier commit is not here'} (at least ${LEAST_STATUS} times as much)`,
      );
      print(`production   ${productionMegabytes(ROOT).toFixed(0)} MB installed`);
      return misses(costs);
    } finally {
      if (base) rmSync(base.folder, { recursive: true });
    }
  },
};
