import { waitLines } from '../../ocr/waitLines';

/** A cold start of 480 s, polled every 5 s. */
const POLLS = Array.from({ length: 97 }, (_, at) => 5 * at);

function said(answerAt: (seconds: number) => string) {
  const lines: string[] = [];
  const onWait = waitLines((line) => lines.push(line));
  for (const seconds of POLLS) onWait(seconds, answerAt(seconds));
  return lines;
}

describe('waitLines', () => {
  test('says the same again after 10 s, 20 s, 40 s, …', () => {
    const times = [0, 10, 20, 40, 80, 160, 320];
    expect(said(() => 'HTTP 503')).toEqual(
      times.map((seconds) => `waiting for the model, ${seconds} s (HTTP 503)`),
    );
  });

  test('says at once what was not seen before', () => {
    expect(said((seconds) => (seconds < 85 ? 'HTTP 429' : 'HTTP 503'))).toContain(
      'waiting for the model, 85 s (HTTP 503)',
    );
  });

  test('says no more lines of two answers in turns than of one, but for the second', () => {
    expect(said((seconds) => (seconds % 10 === 0 ? 'HTTP 429' : 'no answer'))).toHaveLength(8);
  });
});
