import MUTANTS from '../../scripts/mutants/mutants.json';
import { type Mutant, outcomeOf } from '../../scripts/mutants/mutant';

const MUTANT: Mutant = { file: 'a.ts', text: 'a < b', replacement: 'a <= b', suites: ['a.test.ts'] };

/** A bench of one file, whose suites fail when the file is not what they expect. */
function bench(source: string, expects: string) {
  const file = { text: source };
  const ran: (readonly string[])[] = [];
  return {
    file,
    ran,
    read: () => file.text,
    write: (_file: string, text: string) => void (file.text = text),
    pass: async (suites: readonly string[]) => {
      ran.push(suites);
      return file.text.includes(expects);
    },
  };
}

describe('outcomeOf', () => {
  test('a mutant that its suites see is killed, and the file is as it was', async () => {
    const there = bench('return a < b;', 'a < b');
    expect(await outcomeOf(MUTANT, there)).toBe('killed');
    expect([there.file.text, there.ran]).toEqual(['return a < b;', [['a.test.ts']]]);
  });

  test('a mutant that no suite sees survives', async () => {
    expect(await outcomeOf(MUTANT, bench('return a < b;', 'return'))).toBe('survived');
  });

  test.each(['return a > b;', 'a < b && a < b', ''])('does not apply to "%s"', async (source) => {
    const there = bench(source, source);
    expect([await outcomeOf(MUTANT, there), there.ran]).toEqual(['does not apply', []]);
  });
});

describe('mutants.json', () => {
  test('has mutants of every folder with rules, each once', () => {
    const folders = new Set(MUTANTS.map(({ file }) => file.split('/')[0]));
    expect([...folders].sort()).toEqual(['domain', 'ocr', 'operate', 'release']);
    expect(MUTANTS.length).toBeGreaterThanOrEqual(120);
    expect(new Set(MUTANTS.map((mutant) => JSON.stringify(mutant))).size).toBe(MUTANTS.length);
  });
});
