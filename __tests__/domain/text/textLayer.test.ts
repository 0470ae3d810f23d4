import { judgeTextLayer, type PageContent } from '../../../domain/text/textLayer';
import { ENGLISH, GARBAGE, shifted } from '../../ocr/documents';

const TEXT = ENGLISH.join('\n');
const page = (content: Partial<PageContent>): PageContent => ({
  text: TEXT,
  imageShare: 0,
  otherObjects: 0,
  ...content,
});

/** Shift 13 has as many common letters as some languages: what is left is in the guide. */
const SHIFTS = Array.from({ length: 25 }, (_, at) => at + 1).filter((shift) => shift !== 13);

describe('judgeTextLayer', () => {
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
    ['a table with a rule for every cell', { text: `${TEXT}\n`.repeat(6), otherObjects: 1000 }],
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
      '1 letters and digits beside 50 drawings',
    ],
    [
      'a heading over text that is drawn as outlines',
      { text: 'Annual report of the company for the year 2024', otherObjects: 300 },
      '38 letters and digits beside 300 drawings',
    ],
    [
      'a line typed over a scan on less than half of the page',
      { text: 'ACME GmbH Hauptstrasse 1 10115 Berlin Germany', imageShare: 0.44, otherObjects: 1 },
      '39 letters and digits, and images cover 44 % of the page',
    ],
    [
      'a footer under a smaller scan',
      { text: 'Scanned by Acme Corporation document services 2024', imageShare: 0.2, otherObjects: 1 },
      'images cover 20 % of the page',
    ],
    [
      'Russian that was read as Latin-1',
      { text: 'Íàñòîÿùèé äîãîâîð çàêëþ÷åí ìåæäó ñòîðîíàìè è âñòóïàåò â ñèëó ñ ìîìåíòà ïîäïèñàíèÿ' },
      'letters with accents: another script',
    ],
    ['glyphs that map to nothing', { text: TEXT.replace(/e/g, '\uE001') }, 'characters map to nothing'],
    ['signs instead of letters', { text: '#$%&/()=?#+*~<>'.repeat(20) + 'abc' }, 'letters or digits'],
    ['shifted letters', { text: GARBAGE.join('\n') }, 'common letters: not words'],
  ])('refuses %s', (_what, content, why) => {
    const verdict = judgeTextLayer(page(content));
    expect(verdict).toMatchObject({ usable: false, why: expect.stringContaining(why) });
  });
});
