import { fit } from '../../bin/fit';

describe('fit', () => {
  test('leaves a pipe, and lines that fit, as they are', () => {
    const long = 'word '.repeat(40);
    expect(fit(long, Infinity)).toBe(long);
    expect(fit('short\n\nlines', 20)).toBe('short\n\nlines');
  });

  test.each<[what: string, line: string, width: number, lines: string[]]>([
    [
      'a sentence at spaces',
      'A sentence that is too long for one line',
      24,
      ['A sentence that is too', '  long for one line'],
    ],
    [
      'below its time',
      '12:00:01 10 %: healthy: 17 golden pages: 0 failed',
      30,
      ['12:00:01 10 %: healthy: 17', '         golden pages: 0', '         failed'],
    ],
    [
      'below its label',
      'wrong    bucket plans: has ACLs beside IAM, may be public',
      36,
      ['wrong    bucket plans: has ACLs', '         beside IAM, may be public'],
    ],
    [
      'a command so that it can be pasted',
      '  → gcloud services enable a.googleapis.com b.googleapis.com --project p',
      48,
      ['  → gcloud services enable a.googleapis.com \\', '      b.googleapis.com --project p'],
    ],
    [
      'quoted words of a command together',
      '  bin/lightonocr rollback production --reason "tables come out empty"',
      44,
      ['  bin/lightonocr rollback production \\', '    --reason "tables come out empty"'],
    ],
    [
      'a word that is longer whole, so that it can be copied',
      `image: registry.example/${'x'.repeat(40)} and more`,
      30,
      [`image: registry.example/${'x'.repeat(40)}`, '       and more'],
    ],
  ])('breaks %s', (_what, line, width, lines) => {
    expect(fit(line, width).split('\n')).toEqual(lines);
  });

  test('keeps a sentence with a command in it without backslashes', () => {
    expect(fit('remedy: gcloud auth login; then run it again, please', 30)).not.toContain('\\');
  });
});
