import { join } from 'node:path';
import { program } from '../../bin/cli';
import { cheapest, type Cost } from '../measure';
import type { Section } from '../runSections';

/** A person waits for it. Printed, not held: another machine is slower. */
const BUDGET_SECONDS = 0.5;
/** What a command's help costs over Node alone: four times when it was written; ten would be felt. */
const MOST_RATIO = 10;

/** What misses the limit. */
export function misses(help: Cost, bare: Cost): string[] {
  const ratio = help.seconds / bare.seconds;
  return ratio > MOST_RATIO ? [`${ratio.toFixed(1)} times Node alone, not ${MOST_RATIO}`] : [];
}

export const bench: Section = {
  title: '--help of every command, beside a Node that does nothing',
  async run(print) {
    const bare = await cheapest({ args: ['-e', '0'] }, 5);
    const commands = program().commands.map((command) => command.name());
    const costs: Cost[] = [];
    for (const command of commands) {
      costs.push(await cheapest({ args: [join(__dirname, '../../bin/lightonocr'), command, '--help'] }, 2));
    }
    const slowest = costs.reduce((most, cost) => (cost.seconds > most.seconds ? cost : most));
    print(
      `${commands.length} commands  ${slowest.seconds.toFixed(2)} s the slowest (budget on two free cores: ${BUDGET_SECONDS} s)`,
    );
    print(`Node alone   ${bare.seconds.toFixed(2)} s`);
    print(`ratio        ${(slowest.seconds / bare.seconds).toFixed(1)} (at most ${MOST_RATIO})`);
    return misses(slowest, bare);
  },
};
