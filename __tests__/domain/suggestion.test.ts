import { suggestion } from '../../domain/suggestion';

describe('suggestion', () => {
  const names = ['production', 'rehearsal', 'small'];

  test.each([
    ['prodution', 'production'],
    ['prod', 'production'],
    ['Production', 'production'],
    ['smal', 'small'],
    ['reharsal', 'rehearsal'],
  ])('of %s is %s', (word, meant) => {
    expect(suggestion(word, names)).toBe(meant);
  });

  test.each(['staging', 'xyz', 'guide', ''])('of %j is none: every name is far off', (word) => {
    expect(suggestion(word, names)).toBeUndefined();
  });

  test('of anything is none where there are no names', () => {
    expect(suggestion('production', [])).toBeUndefined();
  });
});
