import { table, terminalWidth } from '../../bin/table';

describe('table', () => {
  test('makes columns as wide as their widest cell, without blanks at the end', () => {
    expect(
      table(
        't',
        ['a', 'long head'],
        [
          ['wide cell', 'x'],
          ['y', ''],
        ],
      ),
    ).toEqual(['', 't:', '  a          long head', '  wide cell  x', '  y']);
  });

  test('is nothing without rows', () => {
    expect(table('t', ['a'], [])).toEqual([]);
  });

  describe('wider than the terminal', () => {
    const head = ['revision', 'state', 'reason'];
    const reason = 'the golden page came back with a character error rate of 0.9, limit 0.1';
    const rows = [
      ['svc-1a2b3c4-d5e6f7', 'aborted', reason],
      ['svc-0000000-d5e6f7', 'served', ''],
    ];

    test('puts its widest column below the row, wrapped at words', () => {
      expect(table('t', head, rows, 50)).toEqual([
        '',
        't:',
        '  revision            state',
        '  svc-1a2b3c4-d5e6f7  aborted',
        '    reason: the golden page came back with a',
        '      character error rate of 0.9, limit 0.1',
        '  svc-0000000-d5e6f7  served',
      ]);
    });

    test.each([200, 80, 60, 40])('has no line of more than %d columns, and loses no word', (width) => {
      const lines = table('t', head, rows, width);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      const words = lines.join(' ').split(/\s+/);
      expect(reason.split(' ').filter((word) => !words.includes(word))).toEqual([]);
    });

    test('keeps a word that is longer than the terminal whole, so that it can be copied', () => {
      const url = `https://console.example/${'a'.repeat(60)}`;
      expect(table('t', ['a', 'run'], [['x', url]], 40)).toContain(`      ${url}`);
    });
  });
});

describe('terminalWidth', () => {
  test('is that of a terminal, and without limit for a pipe or a terminal that does not say it', () => {
    expect([
      terminalWidth({ isTTY: true, columns: 80 }),
      terminalWidth({ columns: 80 }),
      terminalWidth({ isTTY: true, columns: 0 }),
    ]).toEqual([80, Infinity, Infinity]);
  });
});
