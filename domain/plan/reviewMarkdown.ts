import { MONTH_SECONDS } from '../cost/load';
import { usd, type HourlyCost } from '../cost/cost';
import { bold, cell, fence, oneLine, span } from '../markdown';
import { counted } from '../words';
import type { AttributeChange } from './plan';
import type { Review, ReviewedResource } from './review';
import type { Matter } from './reviewMatters';

/**
 * Longest comment that GitHub takes, in characters (https://github.com/orgs/community/discussions/27190). Counted in bytes of
 * UTF-8 here, which are never fewer.
 */
export const LONGEST_COMMENT = 65_536;

/** Room for reviews in the summary of a job's step, which holds 1 MiB. */
export const LONGEST_SUMMARY = 900_000;

const HOURS_PER_MONTH = MONTH_SECONDS / 3600;
const MOST_HOLDS = 5;
/** Characters; the condition of the federation has some 450. */
const LONGEST_SETTING = 600;

export interface CommentOptions {
  /** Bytes; default a comment's. */
  readonly longest?: number;
  /** Where the whole review is. */
  readonly runUrl?: string;
}

/** The first line of a comment: by it the comment is found again. Names deployment and, for a single stack, that one. */
export function reviewMarker(reviews: readonly Review[]): string {
  const [first] = reviews;
  return `<!-- lightonocr plan ${[first?.deployment, ...(reviews.length === 1 ? [first?.stack] : [])].join(' ')} -->`;
}

/**
 * The reviews of a deployment's stacks as one comment: a verdict each, what must not be missed in a box, what changes as
 * *setting, before, after*, the cost, and each resource folded away. At most `longest` bytes: what does not fit is left out
 * whole, from the end, counted, and pointed to.
 */
export function reviewMarkdown(
  reviews: readonly Review[],
  { longest = LONGEST_COMMENT, runUrl }: CommentOptions = {},
): string {
  const where = runUrl === undefined ? 'the summary of the run' : `[the summary of the run](${runUrl})`;
  const note = (count: number, what: string) =>
    `\n**${count} more ${what} do not fit into a comment; all of them are in ${where}.**`;
  const foot = `\n${footer(reviews, runUrl)}\n`;
  const head = [reviewMarker(reviews), title(reviews), ''].join('\n');
  // Both notes are always affordable: their room is kept from the start.
  const room =
    longest -
    bytes(foot) -
    bytes(note(999_999, 'alarms and settings')) -
    bytes(note(999_999, 'changed resources')) -
    8;
  const warnings = takeWhileFits(reviews.flatMap(warningLines), room - bytes(head) - bytes(BOX));
  const box = warnings.taken.length > 0 ? `${[BOX, ...warnings.taken].join('\n')}\n` : '';
  const top = head + box + reviews.flatMap(noteLines).join('');
  const rows = takeWhileFits(reviews.flatMap(settingRows), room - bytes(top) - bytes(TABLE_HEAD));
  const table = rows.taken.length > 0 ? `\n${[TABLE_HEAD, ...rows.taken].join('\n')}\n` : '';
  const money = reviews.map(costTable).join('');
  const summary = top + table + (bytes(top + table + money) <= room ? money : '');
  const blocks = takeWhileFits(
    reviews.flatMap(({ resources }) => resources.map(resourceBlock)),
    room - bytes(summary) - bytes(folded(999_999, [])),
  );
  const left = warnings.left + rows.left;
  return [
    summary.trimEnd(),
    ...(left > 0 ? [note(left, 'alarms and settings')] : []),
    ...(blocks.taken.length > 0 ? [folded(blocks.taken.length, blocks.taken)] : []),
    ...(blocks.left > 0 ? [note(blocks.left, 'changed resources')] : []),
    foot,
  ].join('\n');
}

/** One line where there is one stack; for several, those that change in a list below. */
function title(reviews: readonly Review[]): string {
  const [first] = reviews;
  if (first === undefined) return '### Nothing was planned';
  if (reviews.length === 1) return `### ${span(`${first.deployment} ${first.stack}`)}: ${verdictOf(first)}`;
  const changed = reviews.filter(({ changes, holds }) => changes || holds.length > 0);
  const [only] = changed;
  if (only === undefined) return `### ${span(first.deployment)}: no changes`;
  if (changed.length === 1)
    return `### ${span(first.deployment)}: ${only.stack === 'service' ? '' : `${only.stack}: `}${verdictOf(only)}`;
  const list = changed.map((review) => `- **${review.stack}**: ${verdictOf(review)}`);
  return [`### ${span(first.deployment)}: ${counted(changed.length, 'stack')} change`, '', ...list].join(
    '\n',
  );
}

function verdictOf({ verdict, holds }: Review): string {
  return [
    ...(holds.length > 0 ? [bold(`${counted(holds.length, 'revision')} held`)] : []),
    ...verdict.map(({ text, alarm }) => (alarm ? bold(text) : oneLine(text))),
  ].join('; ');
}

/** https://docs.github.com/en/get-started/writing-on-github: a red box. */
const BOX = '> [!CAUTION]';

/** What a reviewer must not miss: blocks in force, alarms, and what is destroyed or replaced. */
function warningLines({ stack, holds, alarms, destroyed }: Review): string[] {
  const held = holds
    .slice(0, MOST_HOLDS)
    .map(({ revision, reason, by }) => `> - ${bold(`${revision} is held`)}: ${span(reason)}, by ${span(by)}`);
  return [
    ...held,
    ...(holds.length > MOST_HOLDS ? [`> - **${holds.length - MOST_HOLDS} more are held**`] : []),
    ...alarms.map(
      ({ words, addresses }) =>
        `> - ${bold(words)}: ${span(addresses.join(', '), LONGEST_SETTING)} (${stack})`,
    ),
    ...destroyed.map(({ address, action, forcedBy }) => {
      const why = forcedBy.length > 0 ? `, forced by ${span(forcedBy.join(', '))}` : '';
      return `> - ${bold(action)} ${span(address)}${why} (${stack})`;
    }),
  ];
}

/** The same for every stack is said once. */
function noteLines({ notes, changes, stack }: Review): string[] {
  return changes || stack === 'service' ? notes.map((text) => `\n${oneLine(text, 500)}\n`) : [];
}

const TABLE_HEAD = '| setting | before | after |\n| --- | --- | --- |';

function settingRows({ matters }: Review): string[] {
  return matters.filter(({ unchanged, topic }) => !unchanged && topic !== 'cost').map(settingRow);
}

function settingRow({ topic, now, was }: Matter): string {
  const before = was === undefined ? '' : cell(span(was, LONGEST_SETTING));
  return `| ${cell(oneLine(topic))} | ${before} | ${cell(span(now, LONGEST_SETTING))} |`;
}

/** Per hour and per month of 730 hours, at zero and at the maximum. */
function costTable({ cost }: Review): string {
  if (cost === undefined) return '';
  const { before, after } = cost;
  const rows: [what: string, read: (cost: HourlyCost) => number][] = [
    ['idle, per hour', ({ idle }) => idle],
    [`${counted(after.maxInstances, 'instance')}, per hour`, ({ full }) => full],
    ['idle, per month', ({ idle }) => idle * HOURS_PER_MONTH],
    [`${counted(after.maxInstances, 'instance')} all month`, ({ full }) => full * HOURS_PER_MONTH],
  ];
  if (before && rows.every(([, read]) => usd(read(before)) === usd(read(after)))) {
    const said = rows.map(([what, read]) => `${what} ${usd(read(after))}`).join('; ');
    return `\nCost, unchanged, in USD: ${said} (prices of ${after.asOf}).\n`;
  }
  const shown = (read: (cost: HourlyCost) => number, of?: HourlyCost) => (of ? usd(read(of)) : '');
  return [
    '',
    `| cost in USD, prices of ${after.asOf} | before | after |`,
    '| --- | ---: | ---: |',
    ...rows.map(([what, read]) => `| ${what} | ${shown(read, before)} | ${shown(read, after)} |`),
    '',
  ].join('\n');
}

const folded = (count: number, blocks: readonly string[]) =>
  [`\n<details><summary>${counted(count, 'resource')} in full</summary>`, ...blocks, '', '</details>'].join(
    '\n',
  );

function resourceBlock({ address, action, attributes }: ReviewedResource): string {
  return [`\n${bold(action)} ${span(address)}`, '', fence(attributes.flatMap(attributeLines), 'diff')].join(
    '\n',
  );
}

/** What was and what will be, as far as there is either; JSON keeps line breaks of values inside their quotes. */
function attributeLines({ path, before, after }: AttributeChange): string[] {
  const line = (sign: string, value: unknown) =>
    value === null || value === undefined ? [] : [`${sign} ${oneLine(path, Infinity)}: ${json(value)}`];
  return [...line('-', before), ...line('+', after)];
}

/** What the review is of: unchanged stacks, commit, fingerprint, run. */
function footer(reviews: readonly Review[], runUrl: string | undefined): string {
  const same = reviews.filter(({ changes }) => !changes).map(({ stack }) => stack);
  const commit = reviews.flatMap(({ matters }) => matters.find(({ topic }) => topic === 'commit') ?? [])[0];
  const fingerprint = reviews.find((review) => review.fingerprint !== undefined)?.fingerprint;
  const parts = [
    ...(same.length > 0 && reviews.length > 1 ? [`unchanged: ${same.join(', ')}`] : []),
    ...(commit ? [`commit ${span(commit.now)}`] : []),
    ...(fingerprint === undefined ? [] : [`fingerprint ${span(fingerprint.slice(0, 12))}`]),
    ...(runUrl === undefined ? [] : [`[run](${runUrl})`]),
  ];
  return parts.join(' · ');
}

const json = (value: unknown) =>
  (JSON.stringify(value) ?? 'null').replace(
    /[\u0080-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Leading items whose lines fit; the rest is counted. Nothing after the first that does not fit is shown, so order stays. */
function takeWhileFits(items: readonly string[], room: number): { taken: string[]; left: number } {
  const taken: string[] = [];
  let used = 0;
  for (const item of items) {
    used += bytes(item) + 1;
    if (used > room) break;
    taken.push(item);
  }
  return { taken, left: items.length - taken.length };
}

const bytes = (text: string): number => Buffer.byteLength(text);
