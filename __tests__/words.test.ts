import { filesBelow, PAGES, read, stringsOf } from './shownCommands';

/** Phrases that a reader stumbles over, and what is said instead. Matched in pages and in the strings of the commands. */
const SAID: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\bL4 an instance\b|\bimage a commit\b|\bfile an? (rule|verb|idea)\b|\bcomment a stack\b/, 'per'],
  [/\bUSD an hour\b(?! (a|an|with)\b)/, 'USD per hour'],
  [/\bshall (serve|run)\b/, 'target, to start'],
  [/\bwhat serves, anew\b/i, 'redeploys the serving revision unchanged'],
  [/\bwhat a dead runner left\b/, 'cleans up after a release whose runner died'],
  [/\bis a person's\b/, 'by hand'],
  [/\bat least so grave\b/, 'minimum severity'],
  [/\bthe newest of so many\b/, 'at most N, newest first'],
  [/\broot of every Google API\b/, 'base URL for all Google APIs'],
  [/\bis in one guess\b/, 'you can guess where'],
  [/\bname in front may be left out\b/, 'prefix optional'],
  [/\bexpectations, .* not held\b/, 'checks passed'],
];

const faults = (where: string, text: string) =>
  SAID.flatMap(([phrase, instead]) => {
    const found = phrase.exec(text)?.[0];
    return found === undefined ? [] : [`${where}: "${found}"; say: ${instead}`];
  });

describe('words', () => {
  test.each(PAGES.filter((page) => !/docs\/(decisions|facts|capacity)/.test(page)))(
    '%s reads as English',
    (page) => {
      expect(faults(page, read(page))).toEqual([]);
    },
  );

  test('what commands print reads as English', () => {
    const shown = ['bin', 'domain', 'rehearsal']
      .flatMap((folder) => filesBelow(folder, '.ts'))
      .flatMap(stringsOf);
    expect(shown.length).toBeGreaterThan(1000);
    expect(shown.flatMap(({ where, text }) => faults(where, text))).toEqual([]);
  });

  test('rejects the phrases that it knows', () => {
    expect(faults('x', 'with one NVIDIA L4 an instance, which shall serve')).toHaveLength(2);
  });
});
