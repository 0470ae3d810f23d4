import { Failure } from '../failure';

/** What is asked: so many pages by then. */
export interface CapacityQuestion {
  readonly pages: number;
  /** From now. */
  readonly deadlineSeconds: number;
  /** Over this long the pages come; 0: all are there. */
  readonly arrivalSeconds: number;
  /** Of each day in which they come. */
  readonly hoursPerDay: number;
}

/** As on the command line. */
export interface GivenQuestion {
  readonly pages: string;
  readonly deadline: string;
  readonly arrival?: string;
  readonly hours?: string;
}

const MOST_PAGES = 10_000_000;
const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };

/** `90m`, `36h`, `7d` in seconds; undefined for what is none. */
function span(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([mhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? NaN);
  return seconds > 0 ? seconds : undefined;
}

/** A time, with its zone: `2026-12-05T08:00Z`. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/;

/** The question, checked. @throws Failure `BAD_INPUT` (2), with everything that is wrong. */
export function capacityQuestion(given: GivenQuestion, now: Date): CapacityQuestion {
  const wrong: string[] = [];
  const pages = Number(given.pages);
  if (!(Number.isInteger(pages) && pages >= 1 && pages <= MOST_PAGES))
    wrong.push(`--pages ${JSON.stringify(given.pages)}: a whole number from 1 to ${MOST_PAGES}`);
  const isTime = TIME.test(given.deadline);
  const deadlineSeconds = isTime
    ? (Date.parse(given.deadline) - now.getTime()) / 1000
    : (span(given.deadline) ?? NaN);
  if (Number.isNaN(deadlineSeconds))
    wrong.push(`--deadline ${JSON.stringify(given.deadline)}: 90m, 36h, 7d, or a time as 2026-12-05T08:00Z`);
  else if (deadlineSeconds <= 0)
    wrong.push(`--deadline ${given.deadline} is over; it is ${now.toISOString()}`);
  const arrivalSeconds = given.arrival === undefined ? 0 : (span(given.arrival) ?? NaN);
  if (Number.isNaN(arrivalSeconds))
    wrong.push(`--arrival ${JSON.stringify(given.arrival)}: over how long pages come, 90m, 36h or 5d`);
  if (arrivalSeconds >= deadlineSeconds && deadlineSeconds > 0)
    wrong.push(`--arrival ${given.arrival}: the last pages come when the deadline is over`);
  const hoursPerDay = Number(given.hours ?? 24);
  if (!(hoursPerDay > 0 && hoursPerDay <= 24))
    wrong.push(`--hours ${JSON.stringify(given.hours)}: of the day, more than 0 and at most 24`);
  if (given.hours !== undefined && given.arrival === undefined)
    wrong.push('--hours is for --arrival: without it all pages are there at once');
  if (wrong.length === 0) return { pages, deadlineSeconds, arrivalSeconds, hoursPerDay };
  throw new Failure({
    code: 'BAD_INPUT',
    message: wrong.join('; '),
    where: 'capacity',
    remedy: 'correct what is named: bin/lightonocr capacity --help shows the options and an example',
    exitCode: 2,
  });
}
