import fc from 'fast-check';
import { repetitionAtEnd } from '../../../domain/text/repetition';
import { ENGLISH } from '../../ocr/documents';

const PAGE = `${ENGLISH.join('\n')}\n`;
const times = (unit: string, count: number) => unit.repeat(count);

describe('repetitionAtEnd', () => {
  test.each<[what: string, text: string, finish: string]>([
    ['a sentence over and over, cut', PAGE + times('and so on and on, ', 40), 'length'],
    ['the same, ended by itself', PAGE + times('and so on and on, ', 40), 'stop'],
    ['one word', PAGE + times('the ', 300), 'length'],
    [
      'a list whose numbers go on',
      PAGE + Array.from({ length: 80 }, (_, at) => `${at + 1}. item\n`).join(''),
      'length',
    ],
    ['empty table rows, cut', PAGE + times('| | | |\n', 100), 'length'],
    [
      'a loop that is cut in the middle of its unit',
      PAGE + times('to be continued here. ', 20) + 'to be con',
      'length',
    ],
    ['a unit of a whole paragraph', times(PAGE, 12), 'length'],
  ])('finds %s', (_what, text, finish) => {
    expect(repetitionAtEnd(text, finish)).toMatchObject({ times: expect.any(Number) });
  });

  test.each<[what: string, text: string, finish: string]>([
    ['a page of text', PAGE, 'stop'],
    ['a page that is cut', times(PAGE, 3), 'length'],
    ['a table of equal rows', PAGE + times('| yes | 12 |\n', 9), 'stop'],
    [
      'a table with its numbers',
      PAGE + Array.from({ length: 60 }, (_, at) => `| kg | ${at * 7} |\n`).join(''),
      'stop',
    ],
    ['dot leaders', PAGE + times('.', 400), 'stop'],
    ['empty table rows, ended by themselves', PAGE + times('| | | |\n', 100), 'stop'],
    ['a loop that the text came out of', PAGE + times('and so on, ', 40) + PAGE, 'length'],
    ['nothing', '', 'stop'],
  ])('finds none in %s', (_what, text, finish) => {
    expect(repetitionAtEnd(text, finish)).toBeUndefined();
  });

  test('names a unit whose repetition ends the text', () => {
    const words = fc.stringMatching(/^[a-z]{3,12} [a-z]{2,9} $/);
    fc.assert(
      fc.property(words, fc.integer({ min: 30, max: 90 }), (unit, count) => {
        const found = repetitionAtEnd(PAGE + times(unit, count), 'length');
        expect(found).toBeDefined();
        expect(times(`${found!.unit} `, found!.times)).toContain(unit);
        expect(found!.times).toBeGreaterThanOrEqual(count - 1);
      }),
    );
  });

  test('is linear: a text of 200,000 characters takes no longer than its tail', () => {
    expect(repetitionAtEnd(times('ab', 100_000), 'length')).toMatchObject({ times: 2000 });
  });
});
