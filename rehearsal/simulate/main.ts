import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { MUTATIONS } from './mutations';
import { simulate, type Simulated } from './simulate';

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('It is a whole number from 1.');
}

/** What `npm run simulate --` takes. */
export const simulateCommand = (): Command =>
  new Command('npm run simulate --')
    .description(
      'Plays the release engine against a model of the cloud on virtual time, with faults from a seed.',
    )
    .option('--schedules <count>', 'schedules to play', count, 20_000)
    .option('--seed <number>', 'of the first schedule; the next ones have the next numbers', count, 1)
    .addOption(
      new Option('--without <kind>', 'take one mechanism out; a schedule must then fail').choices(
        Object.keys(MUTATIONS),
      ),
    )
    .option('--list', 'print the kinds that --without takes, one per line')
    .option('--json', 'print the result as JSON')
    .exitOverride();

async function run(argv: readonly string[]): Promise<number> {
  const { schedules, seed, without, list, json } = simulateCommand()
    .parse(argv)
    .opts<{ schedules: number; seed: number; without?: string; list?: boolean; json?: boolean }>();
  if (list) {
    process.stdout.write(`${Object.keys(MUTATIONS).join('\n')}\n`);
    return 0;
  }
  const mutation = without === undefined ? undefined : MUTATIONS[without];
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  const result = await simulate({ schedules, seed, ...(mutation && { mutation, mostFailures: 1 }) }, cpu);
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : `${text(result)}\n`);
  return result.failures.length > 0 ? 1 : 0;
}

const text = ({ schedules, failures, medianCalls, schedulesPerCpuSecond }: Simulated): string =>
  [
    ...failures.flatMap(({ seed, violation, shrunk }) => [
      `seed ${seed}: ${violation}`,
      `  replay: npm run simulate -- --schedules 1 --seed ${seed}`,
      ...shrunk.actors.map((actor) => `  ${JSON.stringify(actor)}`),
      ...shrunk.faults.map(
        ({ call, actor, port, fault }) => `  call ${call}, ${actor} ${port}: ${JSON.stringify(fault)}`,
      ),
    ]),
    `${schedules} schedules, ${failures.length} failed; ${medianCalls} calls in the median; ${schedulesPerCpuSecond} schedules per CPU second`,
  ].join('\n');

/** The process: ends with the exit code. */
export async function main(argv: readonly string[]): Promise<never> {
  try {
    process.exit(await run(argv));
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    process.stderr.write(`${String((error as Error).stack)}\n`);
    process.exit(3);
  }
}
