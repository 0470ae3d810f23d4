import { judgeTextLayer, type PageContent } from '../../../domain/text/textLayer';
import { ENGLISH, GARBAGE, shifted } from '../../ocr/documents';

const TEXT = ENGLISH.join('\n');
const page = (content: Partial<PageContent>): PageContent => ({
  text: TEXT,
  fonts: [content.text ?? TEXT],
  hidden: 0,
  isVertical: false,
  imageShare: 0,
  otherObjects: 0,
  pictureLetters: 0,
  inkShare: 0,
  ...content,
});
const REPORT = 'Annual report of the company for the year 2024';
/** Shift 13 has as many common letters as some languages: what is left is in the guide. */
const SHIFTS = Array.from({ length: 25 }, (_, at) => at + 1).filter((shift) => shift !== 13);

describe('judgeTextLayer', () => {
  test.each(['¨ YB¾Õ²', '½', '\uFFFD\uFFFD 12', '201\u001a'])(
    'refuses the few signs of a font without a Unicode map: %s',
    (text) => {
      expect(judgeTextLayer(page({ text }))).toMatchObject({
        usable: false,
        why: expect.stringContaining('no letters, digits or punctuation'),
      });
    },
  );

  test.each(SHIFTS)('refuses English whose letters are shifted by %d', (shift) => {
    expect(judgeTextLayer(page({ text: shifted(TEXT, shift) }))).toMatchObject({ usable: false });
  });

  test.each<[what: string, content: Partial<PageContent>]>([
    ['a page of text', {}],
    [
      'half a page of text beside a picture on the other half',
      { text: `${TEXT}\n`.repeat(6), imageShare: 0.5, otherObjects: 1 },
    ],
    ['a short page with a logo', { imageShare: 0.1, otherObjects: 1 }],
    ['a few lines beside many lines and boxes', { otherObjects: 5000 }],
    ['a title beside a photo', { text: REPORT, imageShare: 0.45, otherObjects: 1 }],
    ['a page of text beside a plot with labels', { otherObjects: 4000, pictureLetters: 40, inkShare: 0.1 }],
    ['a drawn company name', { text: 'Invoice 17', otherObjects: 30, pictureLetters: 12, inkShare: 0.01 }],
    ['a stamp with a sign', { text: '© 2024 Muñoz' }],
    ['a few words in a box', { text: 'Page 3 of 9', otherObjects: 1, inkShare: 0.01 }],
    ['a line of dots', { text: `${TEXT}\n${'.'.repeat(90)}\n${'_'.repeat(60)}` }],
    ['one line of signs among many of words', { text: `${`${TEXT}\n`.repeat(4)}#@!~^&^%#@!~^&^%#@!~` }],
    [
      'Sinhala between Latin names and codes',
      { text: `${'qzx jkv wpg '.repeat(10)}${'සියලු මනුෂ්‍යයෝ නිදහස්ව උපත ලබා ඇත '.repeat(8)}` },
    ],
    ['a short page without drawings', { text: 'Chapter 1' }],
    ['an empty page', { text: ' \n' }],
    [
      'a page of figures',
      { text: '1,204.50 | 88.20 | 3,310.00\n12.5 % | 99.1 | 2026-01-01', otherObjects: 4 },
    ],
    ['one bad character in a hundred', { text: `${'word '.repeat(25)}\uFFFD` }],
    [
      'French',
      {
        text: 'Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison.',
      },
    ],
    [
      'German',
      {
        text: 'Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.',
      },
    ],
    [
      'Turkish',
      {
        text: 'Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler.',
      },
    ],
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

  test('says that images are beside the text, which may be scans', () => {
    expect(judgeTextLayer(page({ imageShare: 0.44, otherObjects: 1 }))).toEqual({
      usable: true,
      why: 'a text layer, beside images on 44 % of the page',
    });
  });

  test.each<[what: string, content: Partial<PageContent>, why: string]>([
    ['a scan', { text: '', imageShare: 1, otherObjects: 1 }, 'no text layer'],
    ['outlines', { text: '', otherObjects: 900 }, 'no text layer'],
    ['text that is all hidden', { text: '', hidden: 300 }, '300 characters that cannot be seen'],
    ['vertical lines', { isVertical: true }, 'vertical lines'],
    ['a scan with an earlier OCR', { imageShare: 0.97, otherObjects: 1 }, 'images cover 97 % of the page'],
    [
      'a picture over just more than half',
      { imageShare: 0.51, otherObjects: 1 },
      'images cover 51 % of the page',
    ],
    [
      'a page number on a drawing',
      { text: '- 3 -', otherObjects: 50, inkShare: 0.05 },
      '1 letters and digits beside 50 drawings',
    ],
    [
      'a heading over text that is drawn as outlines',
      { text: REPORT, otherObjects: 300, pictureLetters: 300 },
      '38 letters and digits beside about 300 in pictures',
    ],
    [
      'Latin letters that are no words, with few of another script',
      { text: `${'qzx jkv wpg '.repeat(10)}සියලු මනුෂ්‍යයෝ` },
      'common letters: not words',
    ],
    [
      'Russian that was read as Latin-1',
      { text: 'Íàñòîÿùèé äîãîâîð çàêëþ÷åí ìåæäó ñòîðîíàìè è âñòóïàåò â ñèëó ñ ìîìåíòà ïîäïèñàíèÿ' },
      'letters with accents: another script',
    ],
    ['glyphs that map to nothing', { text: TEXT.replace(/e/g, '\uE001') }, 'characters map to nothing'],
    ['signs instead of letters', { text: '#$%&/()=?#+*~<>'.repeat(20) + 'abc' }, 'letters or digits'],
    ['accents without letters', { text: '\u0301\u0302\u0308\u0327'.repeat(20) }, 'accents without letters'],
    [
      'a third of the lines in shifted letters',
      { text: [...ENGLISH, ...ENGLISH, GARBAGE.join(' ')].join('\n') },
      '1 line with',
    ],
    [
      'a font without a map among others',
      { text: [...ENGLISH, ...ENGLISH, ...GARBAGE].join('\n'), fonts: [TEXT, TEXT, GARBAGE.join('')] },
      '1 font with',
    ],
    ['shifted letters', { text: GARBAGE.join('\n') }, 'common letters: not words'],
  ])('refuses %s', (_what, content, why) => {
    const verdict = judgeTextLayer(page(content));
    expect(verdict).toMatchObject({ usable: false, why: expect.stringContaining(why) });
  });
});
