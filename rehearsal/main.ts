import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { Failure } from '../domain/failure';
import { DEFENCES, type Defence } from './defences';
import { type RehearsalOptions, rehearse } from './rehearse';
import { GOLDEN_PAGE } from './stage';

function port(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535');
}

function whole(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('a whole number from 1');
}

/** What `npm run rehearse --` takes. */
export const rehearseCommand = (): Command =>
  new Command('npm run rehearse --')
    .description(
      'Plays the whole release against a local Google Cloud: no GPU, no account, no Terraform, no Docker.',
    )
    .option('--page <file>', 'the document to read at the end', GOLDEN_PAGE)
    .addOption(
      new Option('--without <defence>', 'take one defence out; the rehearsal must then fail').choices(
        DEFENCES,
      ),
    )
    .option('--terraform [path]', 'use the real Terraform and provider instead of the stand-in')
    .option(
      '--backlog <documents>',
      'read a backlog of so many documents while things go wrong, instead',
      whole,
    )
    .option('--tasks <number>', 'of the backlog, side by side', whole, 8)
    .option('--seed <number>', "of the backlog's documents and faults", whole, 1)
    .option('--port <port>', "the local cloud's port; default: any free one", port)
    .option('--json', 'print the result as JSON')
    .option('--keep', 'leave the cloud up at the end, and print its URLs')
    .exitOverride();

async function run(argv: readonly string[]): Promise<number> {
  const command = rehearseCommand().parse(argv);
  const { terraform, backlog, tasks, seed, ...options } = command.opts<{
    backlog?: number;
    tasks: number;
    seed: number;
    page: string;
    without?: Defence;
    terraform?: string | true;
    port?: number;
    json?: boolean;
    keep?: boolean;
  }>();
  if (backlog !== undefined) return (await playBacklog(backlog, tasks, seed, options.json)) ? 0 : 1;
  const chosen: RehearsalOptions = {
    ...options,
    ...(terraform !== undefined && { terraform: terraform === true ? 'terraform' : terraform }),
  };
  return (await rehearse(chosen)) ? 0 : 1;
}

async function playBacklog(documents: number, tasks: number, seed: number, json = false): Promise<boolean> {
  const { rehearseBacklog } = await import('./backlog/backlog');
  const { backlogText } = await import('./backlog/text');
  const progress = (line: string) => void process.stderr.write(`  ${line}\n`);
  const result = await rehearseBacklog({ documents, tasks, seed, progress });
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : backlogText(result));
  return result.held;
}

/** The process: ends with the exit code. */
export async function main(argv: readonly string[]): Promise<never> {
  try {
    process.exit(await run(argv));
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    process.stderr.write(
      error instanceof Failure ? `${error.toString()}\n` : `${String((error as Error).stack)}\n`,
    );
    process.exit(error instanceof Failure ? error.exitCode : 3);
  }
}
