import { fence, html, oneLine, span } from '../markdown';
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

/** The first line of a review's comment: by it the comment is found again. Names deployment and stack, nothing that moves. */
export function reviewMarker(deployment: string, stack: string): string {
  return `<!-- lightonocr plan ${deployment} ${stack} -->`;
}

/**
 * A review as Markdown, at most `longest` bytes: what does not fit is left out whole, from the end, counted, and pointed to.
 * @param summaryUrl where the whole review is: the run's summary.
 */
export function reviewMarkdown(
  review: Review,
  { longest = LONGEST_COMMENT, summaryUrl }: { longest?: number; summaryUrl?: string } = {},
): string {
  const verdict = [
    ...review.holds
      .slice(0, MOST_HOLDS)
      .map(
        ({ revision, reason, by }) => `**${oneLine(revision)} is held** (${span(reason)}, by ${span(by)})`,
      ),
    ...(review.holds.length > MOST_HOLDS ? [`**${review.holds.length - MOST_HOLDS} more are held**`] : []),
    ...review.verdict.map(({ text, alarm }) => (alarm ? `**${oneLine(text)}**` : oneLine(text))),
  ];
  const where =
    summaryUrl === undefined ? 'the summary of the run' : `[the summary of the run](${summaryUrl})`;
  const note = (count: number, what: string) =>
    `\n**${count} more ${what} do not fit into a comment; all of them are in ${where}.**`;
  const head = [
    reviewMarker(review.deployment, review.stack),
    `### Plan for ${span(`${review.deployment} ${review.stack}`)}: ${verdict.join('; ')}`,
    '',
    ...(review.changes ? [] : ['Nothing would change.', '']),
    ...(review.fingerprint === undefined ? [] : [`fingerprint ${span(review.fingerprint.slice(0, 12))}`, '']),
    ...review.notes.map((text) => `> ${oneLine(text, 500)}\n`),
  ].join('\n');

  const lists = [
    ...review.alarms.map(
      ({ words, addresses }) => `- **${oneLine(words)}**: ${span(addresses.join(', '), LONGEST_MATTER)}`,
    ),
    ...review.destroyed.map(
      ({ address, action, forcedBy }) =>
        `- **${action}** ${span(address)}${forcedBy.length > 0 ? `, forced by ${span(forcedBy.join(', '))}` : ''}`,
    ),
    ...review.matters.map(matterLine),
  ];
  // Both notes are always affordable: their room is kept from the start.
  const room =
    longest - bytes(note(999_999, 'destroys and settings')) - bytes(note(999_999, 'changed resources')) - 2;
  const shownLists = takeWhileFits(lists, room - bytes(head));
  const list = [head, ...shownLists.taken].join('\n');
  const details = takeWhileFits(review.resources.map(resourceBlock), room - bytes(list));
  return `${[
    list,
    ...(shownLists.left > 0 ? [note(shownLists.left, 'destroys and settings')] : []),
    ...details.taken,
    ...(details.left > 0 ? [note(details.left, 'changed resources')] : []),
  ]
    .join('\n')
    .trim()}\n`;
}

const MOST_HOLDS = 5;
/** Characters; the condition of the federation has some 450. */
const LONGEST_MATTER = 600;

function matterLine({ topic, now, was }: Matter): string {
  return `- ${oneLine(topic)}: ${span(now, LONGEST_MATTER)}${was === undefined ? '' : `, was ${span(was, LONGEST_MATTER)}`}`;
}

function resourceBlock({ address, action, attributes }: ReviewedResource): string {
  return [
    `\n<details><summary>${html(action)} <code>${html(address)}</code></summary>`,
    '',
    fence(attributes.map(attributeLine)),
    '</details>',
  ].join('\n');
}

/** One line an attribute; JSON keeps line breaks of values inside their quotes. */
function attributeLine({ path, before, after }: AttributeChange): string {
  return `${oneLine(path, Infinity)}: ${json(before)} -> ${json(after)}`;
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

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
