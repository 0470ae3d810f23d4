import { oneLine, span } from '../markdown';
import type { Review } from './review';
import { reviewMarkdown } from './reviewMarkdown';

/** Room that each stack's review has in the issue, in bytes; an issue holds 65,536 characters. */
const LONGEST_REVIEW = 12_000;
const MOST_FINDINGS = 20;

/**
 * The one issue of a deployment: with a body while there is drift, without one when it may be closed. Undefined when nothing
 * was found and not everything was looked at: then the issue stays as it is.
 */
export function driftIssue(
  deployment: string,
  {
    findings,
    reviews,
    skipped,
  }: { findings: readonly string[]; reviews: readonly Review[]; skipped?: string },
): { marker: string; title: string; body?: string } | undefined {
  const marker = `<!-- lightonocr drift ${deployment} -->`;
  const title = `Drift in ${deployment}`;
  if (findings.length === 0) return skipped === undefined ? { marker, title } : undefined;
  const left = findings.length - MOST_FINDINGS;
  const body = [
    `What is in the cloud is not what was applied to ${span(deployment)}. This issue closes itself when it is again.`,
    '',
    ...findings.slice(0, MOST_FINDINGS).map((finding) => `- ${span(oneLine(finding))}`),
    ...(left > 0 ? [`- and ${left} more`] : []),
    ...(skipped === undefined ? [] : ['', `Not everything was looked at: ${oneLine(skipped)}.`]),
    '',
    `Traffic that is not as intended: \`bin/lightonocr status ${deployment}\`, then \`bin/lightonocr reconcile ${deployment}\` or a rollback. A stack: apply it again, or write what was changed by hand into the code.`,
    '',
    ...reviews.map((review) => reviewMarkdown([review], { longest: LONGEST_REVIEW })),
  ].join('\n');
  return { marker, title, body };
}
