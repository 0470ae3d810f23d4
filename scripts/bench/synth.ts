import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Section } from '../runSections';
import { cheapest, type Cost } from '../measure';
import { writeStockStyle } from '../stockStyle';

/** `npm run synth` of all deployments is at least so many times cheaper than the stock style, in time and in memory. */
const LEAST_RATIO = 6;
/** What it may cost on two free cores. Printed, not held: another machine is slower. */
const BUDGET: Cost = { seconds: 1.2, mebibytes: 220 };

const shown = ({ seconds, mebibytes }: Cost) => `${seconds.toFixed(2)} s, ${mebibytes.toFixed(0)} MiB`;

/** Everything that a synth wrote, by path. */
function written(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('cdk.tf.json'),
  );
  return JSON.stringify(files.sort().map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

const ratios = (ours: Cost, stock: Cost) => ({
  time: stock.seconds / ours.seconds,
  memory: stock.mebibytes / ours.mebibytes,
});

/** What misses the limit. @param same whether both wrote the same Terraform. */
export function misses(ours: Cost, stock: Cost, same: boolean): string[] {
  const below = Object.entries(ratios(ours, stock)).filter(([, ratio]) => ratio < LEAST_RATIO);
  return [
    ...below.map(([what, ratio]) => `${what}: ${ratio.toFixed(2)} times, not ${LEAST_RATIO}`),
    ...(same ? [] : ['the two do not write the same Terraform: they cannot be compared']),
  ];
}

export const bench: Section = {
  title:
    'synth of all shipped deployments, beside the stock cdktf style (root import, ts-node that checks types)',
  async run(print) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
    try {
      const [ours, stock, project] = ['ours', 'stock', 'project'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      writeStockStyle(project);
      // Measured in turns, so that a slow minute of the machine meets both.
      const env = { LIGHTONOCR_DEPLOYMENT: '' };
      const mine = { args: ['bin/start.js', 'main'], env: { ...env, LIGHTONOCR_OUT: ours } };
      const before = await cheapest(mine, 3);
      const other = await cheapest(
        { args: ['-r', 'ts-node/register', 'main.ts'], cwd: project, env: { ...env, LIGHTONOCR_OUT: stock } },
        2,
      );
      const after = await cheapest(mine, 3);
      const cost = {
        seconds: Math.min(before.seconds, after.seconds),
        mebibytes: Math.min(before.mebibytes, after.mebibytes),
      };
      print(`this project  ${shown(cost)} (budget on two free cores: ${shown(BUDGET)})`);
      print(`stock style   ${shown(other)}`);
      const { time, memory } = ratios(cost, other);
      print(
        `ratio         ${time.toFixed(1)} in time, ${memory.toFixed(1)} in memory (at least ${LEAST_RATIO})`,
      );
      return misses(cost, other, written(ours) === written(stock));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
