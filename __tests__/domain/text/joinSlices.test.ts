import { joinSlices } from '../../../domain/text/joinSlices';

describe('joinSlices', () => {
  test.each<[what: string, texts: string[], overlapping: boolean[], joined: string]>([
    ['plainly, where slices do not overlap', ['one line\n', 'one line'], [false], 'one line\none line'],
    [
      'without doubled lines',
      ['alpha beta\ngamma delta', 'gamma delta\nepsilon'],
      [true],
      'alpha beta\ngamma delta\nepsilon',
    ],
    [
      'with slips of reading',
      ['alpha beta\ngamma delta', 'gamna delta\nepsilon'],
      [true],
      'alpha beta\ngamma delta\nepsilon',
    ],
    [
      'without lines that a cut goes through',
      ['alpha beta\ngamma delta\nepsi', 'mma de\ngamma delta\nepsilon'],
      [true],
      'alpha beta\ngamma delta\nepsilon',
    ],
    ['keeping all where nothing is alike', ['alpha beta', 'gamma delta'], [true], 'alpha beta\ngamma delta'],
    ['leaving out an empty slice', ['alpha', '', 'beta'], [false, false], 'alpha\nbeta'],
  ])('joins %s', (_what, texts, overlapping, joined) => {
    expect(joinSlices(texts, overlapping)).toBe(joined);
  });
});
