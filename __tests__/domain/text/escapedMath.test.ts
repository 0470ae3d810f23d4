import fc from 'fast-check';
import { unescapeMath } from '../../../domain/text/escapedMath';

describe('unescapeMath', () => {
  test.each([
    ['a letter', String.raw`where \$x\$ is`, 'where $x$ is'],
    ['a formula', String.raw`\$x^2 + y_1\$`, '$x^2 + y_1$'],
    [
      'commands with words in them',
      String.raw`\$\frac{a}{b} \text{ if so}\$`,
      String.raw`$\frac{a}{b} \text{ if so}$`,
    ],
    ['several in a line', String.raw`\$a\$, \$b\$ and \$c\$`, '$a$, $b$ and $c$'],
    ['an end that alone is escaped', String.raw`$x\$`, '$x$'],
    ['a number in a formula', String.raw`\$2x + 1\$ is`, '$2x + 1$ is'],
    ['a half-open interval', String.raw`\$[a, b)\$`, '$[a, b)$'],
    ['beside a formula that is whole', String.raw`$y$ and \$x\$`, '$y$ and $x$'],
  ])('repairs %s', (_what, text, repaired) => expect(unescapeMath(text)).toBe(repaired));

  test.each([
    ['one price', String.raw`it costs \$5.`],
    ['two prices', String.raw`from \$5 to \$10`],
    ['a list of prices', String.raw`\$5, \$10, \$15`],
    ['prices with words', String.raw`\$3 million and \$4 million`],
    ['a currency with its code', String.raw`US\$x\$`],
    ['prose between two dollars', String.raw`the \$ sign and another \$ sign`],
    ['one word', String.raw`\$HOME\$`],
    ['code', 'run `\\$x\\$` now'],
    ['a fence', '```\n\\$x\\$\n```\n'],
    ['a table cell apart from the next', String.raw`<td>\$5</td><td>\$x</td>`],
    ['an address', String.raw`https://a.example/\$x\$`],
    ['the target of a link', String.raw`[a](b\$x\$)`],
    ['two paragraphs', 'a \\$x\n\ny\\$ b'],
    ['display math', String.raw`$$a \$x\$ b$$`],
    ['plain text', 'nothing here'],
  ])('leaves %s alone', (_what, text) => expect(unescapeMath(text)).toBe(text));

  test('takes away backslashes in front of dollars, and nothing else', () => {
    const piece = fc.constantFrom('\\$', '$', 'x', '5', ' ', '`', '\n', '{', '}', '\\', 'ab', '<td>', ',');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        const bare = (of: string) => of.replaceAll('\\$', '$');
        expect(bare(unescapeMath(text))).toBe(bare(text));
      }),
    );
  });
});
