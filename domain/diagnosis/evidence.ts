import type { LogEntry } from '../logs/logEntry';
import type { Condition, Evidence, SeenRevision, Symptoms } from './symptoms';

/** Words of a message that name a case. They alone are ever shown: what else stands in a line could be a document's. */
export interface Pattern {
  readonly words: RegExp;
  /** Where the words come from. */
  readonly source: string;
}

/** Evidence shown of one case: a crash loop says the same thing many times. */
const SHOWN = 4;
/** Characters of a condition that are shown; Google writes them. */
const CONDITION_LENGTH = 500;

export interface Match extends Evidence {
  readonly groups: readonly (string | undefined)[];
}

/** The lines of a revision that hold the pattern's words, oldest first; of each, those words alone. */
export function matchesIn(
  lines: readonly LogEntry[],
  revision: Pick<SeenRevision, 'name'>,
  { words }: Pattern,
): Match[] {
  return lines.flatMap((line) => {
    const match = line.revision === revision.name ? words.exec(line.text) : null;
    return match
      ? [{ at: line.at, where: revision.name, text: match[0].trim(), groups: match.slice(1) }]
      : [];
  });
}

/** Of several patterns, in the patterns' order. */
export const anyOf = (
  lines: readonly LogEntry[],
  revision: Pick<SeenRevision, 'name'>,
  patterns: readonly Pattern[],
): Match[] => patterns.flatMap((pattern) => matchesIn(lines, revision, pattern));

/** Conditions that hold the words of any pattern. */
export function conditionsWith(
  where: string,
  conditions: readonly Condition[],
  patterns: readonly Pattern[],
): Evidence[] {
  const told = conditions.filter(({ message }) => patterns.some(({ words }) => words.test(message)));
  const once = [...new Map(told.map((condition) => [condition.message, condition])).values()];
  return once.map(({ at, message }) => ({ at, where, text: message.slice(0, CONDITION_LENGTH) }));
}

/** What is shown: the same words once, at their newest; the last few. */
export function shown(matches: readonly Match[]): Evidence[] {
  const newest = new Map(matches.map(({ at, where, text }) => [text, { ...(at && { at }), where, text }]));
  return [...newest.values()].slice(-SHOWN);
}

/** Whoever has traffic and is broken loses it before any repair. */
export function awayFirst({ deployment }: Symptoms, { name, percent }: SeenRevision, reason: string) {
  if (percent === 0) return [];
  return [
    {
      does: `${name} has ${percent} % of the traffic: go back to the previous good revision first`,
      command: `bin/lightonocr rollback ${deployment.name} --reason ${JSON.stringify(reason)}`,
    },
  ];
}

/** Where the release of the file as it is begins: what a revision has is older than that. */
export const planOf = ({ name }: { readonly name: string }) =>
  `bin/lightonocr plan ${name} --sha HEAD --review review.md`;

/** How a changed file gets into the cloud. */
export const release = (
  deployment: { readonly name: string },
  does = 'commit the change, plan it, then apply and release it as any other',
) => ({
  does,
  command: `npm run synth && git commit -am "Settings that fit" && ${planOf(deployment)}`,
});
