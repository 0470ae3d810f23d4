import { hints, screen, wrappedLines } from '../../../scripts/typed/terminal';

describe('screen', () => {
  test('is what stays: no colours, the last state of a line that was drawn again', () => {
    expect(screen('\x1b[31mred\x1b[0m\r\n10 %\r\x1b[2K20 %\r\n')).toEqual(['red', '20 %', '']);
  });
});

describe('wrappedLines', () => {
  const words = 'word '.repeat(17).trim();
  test.each<[what: string, line: string, wrapped: boolean]>([
    ['a line of 84 columns with spaces', words, true],
    ['a line that fits', words.slice(0, 80), false],
    ['an address that no break makes fit', `url: https://example.com/${'a'.repeat(90)}`, false],
  ])('%s: %j', (_what, line, wrapped) => {
    expect(wrappedLines([line])).toEqual(wrapped ? [line] : []);
  });
});

describe('hints', () => {
  test('are the commands that the output gives its reader, over several lines too', () => {
    const lines = [
      'next:',
      '  bin/lightonocr apply rehearsal \\',
      '    --plan 1 --fingerprint 2',
      'wrong  x',
    ];
    expect(hints(lines)).toEqual(['bin/lightonocr apply rehearsal --plan 1 --fingerprint 2']);
    expect(hints(['       → bin/lightonocr reconcile rehearsal'])).toEqual([
      'bin/lightonocr reconcile rehearsal',
    ]);
  });

  test.each([
    'remedy: bin/lightonocr rollback x --to REVISION',
    '  bin/lightonocr status x; then look again',
  ])('rejects what has a word to fill in, or prose: %s', (line) => expect(hints([line])).toEqual([]));
});
