import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { type Control, CONTROLS, withoutPart } from './verdicts/controls';
import { simulateReleases, type Summary, summarize } from './verdicts/simulate';
import { writeTable } from './verdicts/table';
import { QUIET, type World } from './verdicts/world';

interface Options {
  readonly json?: boolean;
  readonly table?: boolean;
  readonly releases: number;
  readonly seed: number;
  readonly pagesPerWindow: number;
  readonly errorRate: number;
  readonly candidateErrorRate?: number;
  readonly latencyFactor: number;
  readonly sigma: number;
  readonly cer: number;
  readonly candidateCer?: number;
  readonly failingKind?: boolean;
  readonly failsAfter?: number;
  readonly bursts?: boolean;
  readonly coldStarts: number;
  readonly outage?: boolean;
  readonly throttled: number;
  readonly lagSeconds: number;
  readonly pageSeconds: number;
  readonly without?: Control;
}

function numberWithin(least: number, most: number, isWhole = false) {
  return (text: string): number => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`${isWhole ? 'a whole number' : 'a number'} from ${least} to ${most}`);
  };
}

const share = numberWithin(0, 1);

/** What `npm run simulate:verdicts --` takes. */
export const simulateVerdictsCommand = (): Command =>
  new Command('npm run simulate:verdicts --')
    .description('Plays whole releases through the canary on virtual time, and counts how they end.')
    .option('--json', 'print shares and numbers as JSON')
    .option('--table', 'every case of docs/canary.md, beside other rules; exit 1 where a goal is broken')
    .option('--releases <count>', 'that are played', numberWithin(1, 1e6, true), 300)
    .option('--seed <number>', 'of the random numbers', numberWithin(0, 2 ** 31, true), 1)
    .option(
      '--pages-per-window <count>',
      'callers’ pages in ten minutes, both revisions',
      numberWithin(0, 1e6),
      QUIET.pagesPerWindow,
    )
    .option('--error-rate <share>', 'of stable’s pages', share, QUIET.errorRate)
    .option('--candidate-error-rate <share>', 'default: stable’s', share)
    .option('--latency-factor <times>', 'candidate’s median over stable’s', numberWithin(0.01, 100), 1)
    .option('--sigma <number>', 'of the logarithm of a page’s time', numberWithin(0, 3), QUIET.sigma)
    .option('--cer <share>', 'stable’s mean character error rate on the golden set', share, QUIET.cer)
    .option('--candidate-cer <share>', 'default: stable’s', share)
    .option('--failing-kind', 'the candidate fails on every page of one kind of eight')
    .option(
      '--fails-after <pages>',
      'the candidate fails every page from then on',
      numberWithin(0, 1e6, true),
    )
    .option('--bursts', 'callers come in bursts')
    .option('--cold-starts <share>', 'of golden pages that meet one, on either side', share, 0)
    .option('--outage', 'two minutes in which most pages fail on both sides')
    .option('--throttled <share>', 'of pages that are answered 429, on both sides', share, 0)
    .option('--lag-seconds <seconds>', 'most that metrics are late', numberWithin(0, 3600), QUIET.lagSeconds)
    .option(
      '--page-seconds <seconds>',
      'stable’s median for a page',
      numberWithin(0.1, 60),
      QUIET.pageSeconds,
    )
    .addOption(new Option('--without <part>', 'take a part out; its row must break').choices(CONTROLS))
    .exitOverride();

function worldOf(options: Options): World {
  const { errorRate, cer } = options;
  return {
    ...options,
    candidateErrorRate: options.candidateErrorRate ?? errorRate,
    candidateCer: options.candidateCer ?? cer,
    failingKind: options.failingKind ?? false,
    failsAfter: options.failsAfter ?? QUIET.failsAfter,
    failsAfterRate: QUIET.failsAfterRate,
    bursts: options.bursts ?? false,
    outage: options.outage ?? false,
    kinds: QUIET.kinds,
  };
}

const percent = (value: number) => `${(value * 100).toFixed(2)} %`;

function sentence({ served, blocked, undecided, medianShareOfTodaysTime, goldenPages }: Summary): string {
  const time = medianShareOfTodaysTime === null ? '' : `, in ${medianShareOfTodaysTime.toFixed(2)} of 2220 s`;
  return `served ${percent(served)}${time}; blocked ${percent(blocked)}, undecided ${percent(undecided)}; ${goldenPages} golden pages`;
}

export async function main(argv: readonly string[]): Promise<void> {
  const command = simulateVerdictsCommand();
  try {
    command.parse(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  const options = command.opts<Options>();
  const { releases, seed, without } = options;
  if (options.table) {
    const held = await writeTable({ releases, seed }, (line) => void process.stdout.write(`${line}\n`));
    if (!held) process.exitCode = 1;
    return;
  }
  const changes = without && withoutPart[without];
  const ended = await simulateReleases(worldOf(options), { releases, seed, ...(changes && { changes }) });
  const summary = summarize(ended);
  process.stdout.write(`${options.json ? JSON.stringify(summary) : sentence(summary)}\n`);
}
