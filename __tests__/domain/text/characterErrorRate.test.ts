import { characterErrorRate, plainText } from '../../../domain/text/characterErrorRate';

describe('plainText', () => {
  test.each<[what: string, markdown: string, text: string]>([
    ['white space', ' a \n\n b\tc ', 'a b c'],
    ['headings', '# Title\n### 3. Part', 'Title 3. Part'],
    ['bold, italic, struck', '**bold** _it_ *it* __bold__ ~~old~~ ***both***', 'bold it it bold old both'],
    ['names with underscores', 'snake_case_name and __init__', 'snake_case_name and init'],
    ['a product', '2 * 3 * 4', '2 * 3 * 4'],
    ['lists, and keeps numbers', '- a\n* b\n+ c\n1. d', 'a b c 1. d'],
    ['a minus', '-5 degrees', '-5 degrees'],
    ['a Markdown table', '| Item | Price |\n|:---|---:|\n| Lamp | 38.25 |', 'Item Price Lamp 38.25'],
    ['a bar in running text', 'either | or', 'either | or'],
    ['an HTML table', '<table><tr><td colspan="2">a</td><td>b</td></tr></table>', 'a b'],
    ['a line break', 'a<br/>b', 'a b'],
    ["angle brackets of the page's own", 'over the <lazy> dog', 'over the <lazy> dog'],
    ['code fences', '```json\n{"a": 1}\n```', '{"a": 1}'],
    ['inline code', 'run `npm test`', 'run npm test'],
    ['formulas', 'so $x_1 = 2$ and $$y = 3$$', 'so x_1 = 2 and y = 3'],
    ['amounts in dollars', 'from $5 and $6 to $7,$8', 'from $5 and $6 to $7,$8'],
    ['links and images', '[text](https://a.invalid "t") ![stamp](image_1.png)', 'text stamp'],
    ['quotes and rules', '> quoted\n\n---\n***\nend', 'quoted end'],
    ['escapes', '1\\. \\*not bold\\* a\\_b 5 \\| 6', '1. *not bold* a_b 5 | 6'],
    ['entities', 'R&amp;D &lt;b&gt; 5&nbsp;kg', 'R&D <b> 5 kg'],
    ['composed and decomposed accents', 'cafe\u0301', 'caf\u00e9'],
  ])('folds or strips %s', (_what, markdown, text) => {
    expect(plainText(markdown)).toBe(text);
  });
});

describe('characterErrorRate', () => {
  test.each<[what: string, expected: string, actual: string, rate: number]>([
    ['the same text', 'abc', 'abc', 0],
    ['the same text in Markdown', 'Title\nabc', '# Title\n\n**abc**', 0],
    ['one of four characters wrong', 'abcd', 'abxd', 0.25],
    ['one of four characters missing', 'abcd', 'acd', 0.25],
    ['nothing read', 'abcd', '', 1],
    ['much more than expected', 'ab', 'abababab', 3],
  ])('of %s', (_what, expected, actual, rate) => {
    expect(characterErrorRate(expected, actual)).toBe(rate);
  });

  test.each(['', ' \n', '---'])('rejects an expected text without text: %j', (expected) => {
    expect(() => characterErrorRate(expected, 'abc')).toThrow(RangeError);
  });
});
