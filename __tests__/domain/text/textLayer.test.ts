import { judgeTextLayer, type PageContent } from '../../../domain/text/textLayer';
import { ENGLISH, GARBAGE } from '../../ocr/documents';

const TEXT = ENGLISH.join('\n');
const page = (content: Partial<PageContent>): PageContent => ({
  text: TEXT,
  imageShare: 0,
  otherObjects: 0,
  ...content,
});

describe('judgeTextLayer', () => {
  test.each<[what: string, content: Partial<PageContent>]>([
    ['a page of text', {}],
    ['text beside a picture on half of the page', { imageShare: 0.5, otherObjects: 1 }],
    ['a short page without drawings', { text: 'Chapter 1' }],
    ['an empty page', { text: ' \n' }],
    [
      'a page of figures',
      { text: '1,204.50 | 88.20 | 3,310.00\n12.5 % | 99.1 | 2026-01-01', otherObjects: 4 },
    ],
    ['one bad character in a hundred', { text: `${'word '.repeat(25)}\uFFFD` }],
    [
      'Polish',
      {
        text: 'Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem.',
      },
    ],
    [
      'Czech',
      {
        text: 'Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím.',
      },
    ],
    [
      'Vietnamese',
      {
        text: 'Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi. Mọi con người đều được.',
      },
    ],
    [
      'Greek',
      { text: 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.' },
    ],
    [
      'Japanese',
      { text: 'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。' },
    ],
    [
      'Arabic',
      {
        text: 'يولد جميع الناس أحراراً متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميراً وعليهم أن يعامل بعضهم',
      },
    ],
  ])('takes %s', (_what, content) => {
    expect(judgeTextLayer(page(content))).toMatchObject({ usable: true });
  });

  test.each<[what: string, content: Partial<PageContent>, why: string]>([
    ['a scan', { text: '', imageShare: 1, otherObjects: 1 }, 'no text layer'],
    ['outlines', { text: '', otherObjects: 900 }, 'no text layer'],
    ['a scan with an earlier OCR', { imageShare: 0.97, otherObjects: 1 }, 'images cover 97 % of the page'],
    [
      'a picture over just more than half',
      { imageShare: 0.51, otherObjects: 1 },
      'images cover 51 % of the page',
    ],
    [
      'a page number on a drawing',
      { text: '- 3 -', otherObjects: 50 },
      '1 letters and digits beside drawings',
    ],
    ['glyphs that map to nothing', { text: TEXT.replace(/e/g, '\uE001') }, 'characters map to nothing'],
    ['signs instead of letters', { text: '#$%&/()=?#+*~<>'.repeat(20) + 'abc' }, 'letters or digits'],
    ['shifted letters', { text: GARBAGE.join('\n') }, 'vowels: not words'],
  ])('refuses %s', (_what, content, why) => {
    const verdict = judgeTextLayer(page(content));
    expect(verdict).toMatchObject({ usable: false, why: expect.stringContaining(why) });
  });
});
