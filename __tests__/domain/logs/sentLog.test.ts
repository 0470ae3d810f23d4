import { readSentLog } from '../../../domain/logs/sentLog';

const entry = (textPayload: string, second: number) => ({
  insertId: `i${second}`,
  timestamp: `2026-11-25T12:00:0${second}Z`,
  logName: 'projects/p/logs/run.googleapis.com%2Fstderr',
  resource: { labels: { revision_name: 's-a' } },
  textPayload,
});
const texts = (log: string) => readSentLog(log).map(({ text }) => text);

describe('readSentLog', () => {
  test('takes plain lines as they are, in their order, colours and byte order mark left out', () => {
    expect(texts('\uFEFF\u001b[0;36m(APIServer pid=1)\u001b[0;0m one\r\n\r\ntwo\n')).toEqual([
      '(APIServer pid=1) one',
      'two',
    ]);
  });

  test.each([
    ['an array, newest first', JSON.stringify([entry('two', 2), entry('one', 1)], null, 2)],
    ['an object a line', [entry('one', 1), entry('two', 2)].map((each) => JSON.stringify(each)).join('\n')],
  ])('takes Cloud Logging’s JSON: %s', (_what, log) => {
    const found = readSentLog(log);
    expect(found.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(found.map(({ revision, log: of }) => [revision, of])).toEqual([
      ['s-a', 'stderr'],
      ['s-a', 'stderr'],
    ]);
  });

  test('takes what `logs --json` prints', () => {
    const [first] = readSentLog(JSON.stringify([entry('one', 1)]));
    expect(readSentLog(`${JSON.stringify(first)}\n`)).toEqual([first]);
  });

  test('keeps an entry without a time in its place, and a line of other JSON as text', () => {
    const undated = { ...entry('undated', 0), timestamp: undefined };
    const log = [JSON.stringify(entry('two', 2)), JSON.stringify(undated), '{"level":"x"}'].join('\n');
    expect(texts(log)).toEqual(['two', 'undated', '{"level":"x"}']);
  });

  test('leaves secrets out of plain lines', () => {
    expect(texts('Authorization: Bearer abcdefghijklmnop')).toEqual(['Authorization: Bearer …']);
  });

  test('an empty log has no entry', () => {
    expect(readSentLog('\n \n')).toEqual([]);
  });
});
