import { comparison, type ReadPage, type Side } from '../../../domain/compare/comparison';
import { comparisonMarkdown } from '../../../domain/compare/comparisonMarkdown';
import { lineChanges } from '../../../domain/compare/lineChanges';

const page = (document: string, text: string, change: Partial<ReadPage> = {}): ReadPage => ({
  document,
  page: 1,
  status: 'whole',
  text,
  seconds: 1,
  ...change,
});
const side = (revision: string, seconds: number, ...pages: ReadPage[]): Side => ({
  revision,
  model: `m/${revision}`,
  pages,
  seconds,
});
const TRUTH = (document: string) => (document === 'a' ? 'ten letters' : undefined);

describe('lineChanges', () => {
  test('has the common lines once, and what stands between them', () => {
    expect(lineChanges('one\ntwo\n\nthree', 'one\n2\nthree\nfour')).toEqual([
      { in: 'both', line: 'one' },
      { in: 'served', line: 'two' },
      { in: 'candidate', line: '2' },
      { in: 'both', line: 'three' },
      { in: 'candidate', line: 'four' },
    ]);
  });

  test.each([
    ['', 'a', ['candidate']],
    ['a', '', ['served']],
    ['', '', []],
  ])('of %j and %j', (served, candidate, where) => {
    expect(lineChanges(served, candidate).map((change) => change.in)).toEqual(where);
  });
});

describe('comparison', () => {
  const served = side('s-a', 10, page('a', 'ten letters'), page('b', '# same'));
  const candidate = side('s-b', 5, page('a', 'ten setters'), page('b', 'same'));
  const { pages, ...sides } = comparison(served, candidate, TRUTH, 3.6);

  test('measures each page against the other side and against its truth', () => {
    expect(pages.map(({ changed }) => changed)).toEqual([1 / 11, 0]);
    expect(pages[0]).toMatchObject({ served: { errorRate: 0 }, candidate: { errorRate: 1 / 11 } });
    expect(pages[1]!.served.errorRate).toBeUndefined();
  });

  test('costs what one instance costs at the rate that was seen', () => {
    // 3.60 USD an hour are 0.001 a second: 2 pages in 10 s are 5 USD for 1,000.
    expect(sides.served).toMatchObject({ pages: 2, whole: 2, pagesPerSecond: 0.2, usdPerThousandPages: 5 });
    expect(sides.candidate.usdPerThousandPages).toBeCloseTo(2.5);
    expect(comparison(served, candidate, TRUTH, undefined).served.usdPerThousandPages).toBeUndefined();
  });

  test('knows a page that the candidate did not read', () => {
    const { pages: all } = comparison(served, side('s-b', 5, page('a', 'ten letters')), TRUTH, 1);
    expect(all[1]).toMatchObject({ changed: 1, candidate: { status: 'not read' } });
  });

  test('is Markdown without a word of any page, what changed most first', () => {
    const text = comparisonMarkdown({ pages, ...sides });
    expect(text).toContain('1 of 2 pages have the same text.');
    expect(text.indexOf('| a, 1 | 9.1 % |')).toBeLessThan(text.indexOf('| b, 1 | 0.0 % |'));
    expect(text.indexOf('| a, 1 | 9.1 % |')).toBeGreaterThan(0);
    expect(text).not.toMatch(/letters|setters|same text\b.*# same/);
  });
});
