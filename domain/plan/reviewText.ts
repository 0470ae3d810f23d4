import { oneLine } from '../markdown';
import type { Review, ReviewedResource } from './review';

/** Characters of a setting; the condition of the federation has some 450. */
const LONGEST = 600;

/**
 * Reviews as a person reads them at a terminal: the verdict, what must not be missed, what changes, and each resource. Of what
 * is made or destroyed the address alone; all attributes are in the Markdown and in `--json`.
 */
export function reviewText(reviews: readonly Review[]): string {
  return reviews.map((review) => oneReview(review)).join('\n\n');
}

function oneReview(review: Review): string {
  const { deployment, stack, verdict, holds, alarms, destroyed, notes, resources } = review;
  const changed = review.matters.filter(({ unchanged }) => !unchanged);
  return [
    `${deployment} ${stack}: ${verdict.map(({ text }) => oneLine(text)).join('; ')}`,
    ...holds.map(
      ({ revision, reason, by }) => `! ${oneLine(revision)} is held (${oneLine(reason)}, by ${by})`,
    ),
    ...alarms.map(({ words, addresses }) => `! ${words}: ${addresses.map((one) => oneLine(one)).join(', ')}`),
    ...destroyed.map(
      ({ address, action, forcedBy }) =>
        `! ${action} ${oneLine(address)}${forcedBy.length > 0 ? `, forced by ${forcedBy.join(', ')}` : ''}`,
    ),
    ...notes.map((note) => `note: ${oneLine(note, Infinity)}`),
    ...changed.map(
      ({ topic, now, was }) =>
        `  ${oneLine(topic)}: ${was === undefined ? '' : `${oneLine(was, LONGEST)} → `}${oneLine(now, LONGEST)}`,
    ),
    ...(resources.length > 0 ? ['resources:', ...resources.flatMap(resourceLines)] : []),
  ].join('\n');
}

function resourceLines({ address, action, attributes }: ReviewedResource): string[] {
  const shown = action.includes('update') ? attributes : [];
  return [
    `  ${action} ${oneLine(address, Infinity)}`,
    ...shown.map(
      ({ path, before, after }) => `    ${oneLine(path, Infinity)}: ${json(before)} -> ${json(after)}`,
    ),
  ];
}

/** No character of a value moves the cursor: JSON escapes some of those that do, and this the others. */
const json = (value: unknown) =>
  (JSON.stringify(value) ?? 'null').replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
