import { counted, duration, utc } from '../../domain/words';

describe('counted', () => {
  test.each([
    [0, '0 pages'],
    [1, '1 page'],
    [2, '2 pages'],
    ['1', '1 page'],
    ['?', '? pages'],
  ])('%s is %s', (count, words) => {
    expect(counted(count, 'page')).toBe(words);
  });
});

describe('utc', () => {
  test.each(['2026-11-25T03:04:05Z', '2026-11-25T03:04:05.678Z', '2026-11-25T03:04:05.871000000Z'])(
    '%s is told to the second, and as UTC',
    (time) => {
      expect(utc(time)).toBe('2026-11-25 03:04:05Z');
    },
  );
});

describe('duration', () => {
  test.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [29.6, '30 s'],
    [60, '1 min'],
    [90, '1 min 30 s'],
    [3600, '1 h'],
    [5405, '1 h 30 min'],
    [3605, '1 h 5 s'],
    [172_800, '2 d'],
  ])('%d s is %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });
});
