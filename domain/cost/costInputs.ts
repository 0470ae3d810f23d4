import { Failure } from '../failure';
import { burstsPerDay } from './load';

interface Input {
  readonly flag: string;
  readonly default: number;
  readonly from: number;
  readonly to: number;
  readonly whole?: true;
  readonly means: string;
  /** Where the default comes from. `[?]`: not confirmed. */
  readonly grade: string;
}

const YOURS = 'yours to say';

/** What `cost` reckons with beside the deployment and the prices; each is a flag, and the estimate names those left at their default. */
export const COST_INPUTS = {
  pagesPerDay: {
    flag: '--pages-per-day <pages>',
    default: 1000,
    from: 1,
    to: 10_000_000,
    whole: true,
    means: 'pages on a day with work',
    grade: YOURS,
  },
  burstPages: {
    flag: '--burst-pages <pages>',
    default: 50,
    from: 1,
    to: 10_000_000,
    whole: true,
    means: 'pages that come at once',
    grade: YOURS,
  },
  hours: {
    flag: '--hours <hours>',
    default: 8,
    from: 0.1,
    to: 24,
    means: 'of the day in which bursts come, evenly',
    grade: YOURS,
  },
  daysPerMonth: {
    flag: '--days-per-month <days>',
    default: 22,
    from: 1,
    to: 30,
    whole: true,
    means: 'days with work',
    grade: YOURS,
  },
  pagesPerSecond: {
    flag: '--pages-per-second <pages>',
    default: 0.5,
    from: 0.001,
    to: 1000,
    means: 'that one instance reads when it has enough of them',
    grade:
      '[?] no speed of the model on an L4 is public; 0.955 on an A10G, whose memory is twice as fast (600 and 300 GB/s)',
  },
  startSeconds: {
    flag: '--start-seconds <seconds>',
    default: 50,
    from: 0,
    to: 1800,
    means: 'until the engine answers; the startup probe may see it later',
    grade: '[?] the median that others measured for vLLM with a small model',
  },
  idleSeconds: {
    flag: '--idle-seconds <seconds>',
    default: 900,
    from: 0,
    to: 3600,
    means: 'that an instance stays after its last page',
    grade: 'the longer end of the 10 to 15 minutes that Google gives',
  },
  buildsPerMonth: {
    flag: '--builds-per-month <builds>',
    default: 4,
    from: 0,
    to: 1000,
    means: 'images built; a commit of known content builds none',
    grade: YOURS,
  },
  buildMinutes: {
    flag: '--build-minutes <minutes>',
    default: 45,
    from: 0,
    to: 1440,
    means: 'of one build',
    grade: '[?] 30 to 60 are expected; no image has been built from this yet',
  },
  storedGb: {
    flag: '--stored-gb <GB>',
    default: 12,
    from: 0,
    to: 100_000,
    means: 'in the registry; images share the layers that did not change',
    grade: "[?] vLLM's image and the model once; not measured",
  },
} as const satisfies Readonly<Record<string, Input>>;

export type CostInputName = keyof typeof COST_INPUTS;
export type CostInputs = Readonly<Record<CostInputName, number>>;
const NAMES = Object.keys(COST_INPUTS) as CostInputName[];

/** A value at its default, and how sure that is. */
export interface Assumption {
  readonly flag: string;
  readonly value: number;
  readonly means: string;
  readonly grade: string;
}

/** More than one burst in half a minute is a stream: bursts that close never leave the instance idle. */
const MOST_BURSTS = 2880;

function problem(name: CostInputName, text: string): string | undefined {
  const { flag, from, to, whole }: Input = COST_INPUTS[name];
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= from && value <= to && !(whole && !Number.isInteger(value))) return undefined;
  return `${flag.split(' ')[0]} ${JSON.stringify(text)}: a ${whole ? 'whole ' : ''}number from ${from} to ${to}`;
}

/** What was given on the command line, over the defaults. @throws Failure `BAD_INPUT`, exit code 2, with everything that is wrong. */
export function costInputs(given: Readonly<Partial<Record<CostInputName, string>>>): {
  readonly inputs: CostInputs;
  readonly assumed: readonly Assumption[];
} {
  const wrong = NAMES.flatMap(
    (name) => problem(name, given[name] ?? String(COST_INPUTS[name].default)) ?? [],
  );
  const inputs = Object.fromEntries(
    NAMES.map((name) => [name, Number(given[name] ?? COST_INPUTS[name].default)]),
  ) as CostInputs;
  const bursts = burstsPerDay(inputs);
  if (wrong.length === 0 && bursts > MOST_BURSTS) {
    wrong.push(
      `--burst-pages ${inputs.burstPages}: ${bursts} bursts a day, at most ${MOST_BURSTS}; from ${Math.ceil(inputs.pagesPerDay / MOST_BURSTS)} on`,
    );
  }
  if (wrong.length > 0) {
    throw new Failure({
      code: 'BAD_INPUT',
      message: wrong.join('; '),
      where: 'cost',
      remedy: 'correct what is named, or leave it out: bin/lightonocr cost --help shows the defaults',
      exitCode: 2,
    });
  }
  const assumed = NAMES.filter((name) => given[name] === undefined).map((name) => {
    const { flag, default: value, means, grade } = COST_INPUTS[name];
    return { flag: flag.split(' ')[0]!, value, means, grade };
  });
  return { inputs, assumed };
}
