import fc from 'fast-check';
import { layoutMarkdown, layoutOf, ofSlice } from '../../../domain/text/grounding';

/** From the makers' README, with what they say of labels. */
const ANSWER = `![header](100,20,900,40) Annual report
![title](113,608,263,623) ## 2.2 LightOnOCR-1
![text](112,640,482,698) The first version
![page_number](491,935,505,950) 3
![text+](512,640,882,698) established the core.
![table](100,700,900,800)
<table><tr><td>1</td></tr></table>
![footnote](100,900,900,920) 1 See there.`;

describe('layoutOf', () => {
  test('gives each block its label, box and text', () => {
    const { blocks, before } = layoutOf(ANSWER);
    expect(before).toBe('');
    expect(blocks.map(({ label, continues }) => [label, continues])).toEqual([
      ['header', false],
      ['title', false],
      ['text', false],
      ['page_number', false],
      ['text', true],
      ['table', false],
      ['footnote', false],
    ]);
    expect(blocks[1]).toEqual({
      label: 'title',
      bbox: [113, 608, 263, 623],
      text: '## 2.2 LightOnOCR-1',
      continues: false,
    });
    expect(blocks[5]?.text).toBe('<table><tr><td>1</td></tr></table>');
  });

  test.each<[string, string, object]>([
    ['spaces and fractions', '![text]( 1.4 , 2, 3 ,4.6 ) a', { bbox: [1, 2, 3, 5], text: 'a' }],
    ['a box beyond the page', '![text](-5,0,1200,1000) a', { bbox: [0, 0, 1000, 1000] }],
    ['corners the wrong way round', '![text](900,800,100,200) a', { bbox: [100, 200, 900, 800] }],
    ['a label that is new', '![stamp-2](1,2,3,4) a', { label: 'stamp-2' }],
    ['a marker that was cut', '![text](1,2,3,4) a ![tab', { text: 'a' }],
    ['a box that was cut', '![text](1,2,3,4) a\n![table](10,20,', { text: 'a' }],
    ['an image of plain Markdown', '![text](1,2,3,4) ![logo](a.png)', { text: '![logo](a.png)' }],
  ])('takes %s', (_what, answer, block) => {
    const { blocks } = layoutOf(answer);
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatchObject(block);
  });

  test('keeps the text of a model that does not do as it was asked', () => {
    expect(layoutOf('# A page\n\nof text')).toEqual({ blocks: [], before: '# A page\n\nof text' });
  });

  test('loses no word, whatever comes', () => {
    const piece = fc.constantFrom(
      '![text](1,2,3,4) ',
      '![text+](5,6,7,8)',
      'word ',
      '![x](y)',
      '\n',
      '](',
      '![',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const answer = `${pieces.join('')} end`;
        const { blocks, before } = layoutOf(answer);
        const words = (text: string) => text.match(/word|end/g) ?? [];
        expect([before, ...blocks.map(({ text }) => text)].flatMap(words)).toEqual(words(answer));
      }),
    );
  });
});

describe('layoutMarkdown', () => {
  test('is without headers, footers and page numbers, and joins what goes on', () => {
    expect(layoutMarkdown(layoutOf(ANSWER))).toBe(
      [
        '## 2.2 LightOnOCR-1',
        'The first version established the core.',
        '<table><tr><td>1</td></tr></table>',
        '1 See there.',
      ].join('\n\n'),
    );
  });

  test('goes on with a list on its own line, and with nothing as if it were new', () => {
    expect(layoutMarkdown(layoutOf('![list](1,2,3,4) - a\n![list+](5,6,7,8) - b'))).toBe('- a\n- b');
    expect(layoutMarkdown(layoutOf('![text+](1,2,3,4) b'))).toBe('b');
  });
});

test('ofSlice gives a block of the lower half its place on the page', () => {
  const [block] = layoutOf('![text](10,0,990,500) a').blocks;
  expect(ofSlice(block!, { top: 1000, height: 1000 }, 2000).bbox).toEqual([10, 500, 990, 750]);
});
