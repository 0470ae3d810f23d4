import { capacityQuestion } from '../../../domain/capacity/question';

const NOW = new Date('2026-12-01T00:00:00Z');

describe('capacityQuestion', () => {
  test.each([
    [{ pages: '10', deadline: '90m' }, 5400],
    [{ pages: '10', deadline: '1.5h' }, 5400],
    [{ pages: '10', deadline: '7d' }, 604_800],
    [{ pages: '10', deadline: '2026-12-01T02:00Z' }, 7200],
    [{ pages: '10', deadline: '2026-12-01T02:00:00+01:00' }, 3600],
  ])('%j is so many seconds from now', (given, deadlineSeconds) => {
    expect(capacityQuestion(given, NOW)).toEqual({
      ...{ pages: 10, deadlineSeconds, arrivalSeconds: 0, hoursPerDay: 24 },
    });
  });

  test('takes pages that keep coming', () => {
    const given = { pages: '10', deadline: '3d', arrival: '2d', hours: '8' };
    expect(capacityQuestion(given, NOW)).toMatchObject({ arrivalSeconds: 172_800, hoursPerDay: 8 });
  });

  test.each([
    ['no pages', { pages: '0', deadline: '1d' }, /--pages "0"/],
    ['half a page', { pages: '1.5', deadline: '1d' }, /--pages/],
    ['a deadline that is over', { pages: '1', deadline: '2026-11-30T00:00Z' }, /is over; it is 2026-12-01/],
    ['a deadline without its zone', { pages: '1', deadline: '2026-12-30T00:00' }, /--deadline/],
    ['a deadline that is no time', { pages: '1', deadline: 'soon' }, /--deadline "soon"/],
    ['no time at all', { pages: '1', deadline: '0d' }, /--deadline "0d"/],
    ['pages that come too late', { pages: '1', deadline: '1d', arrival: '24h' }, /--arrival 24h: the last/],
    ['an arrival that is no span', { pages: '1', deadline: '1d', arrival: 'x' }, /--arrival "x"/],
    ['a day of 25 hours', { pages: '1', deadline: '9d', arrival: '2d', hours: '25' }, /--hours "25"/],
    [
      'hours of what is there at once',
      { pages: '1', deadline: '9d', hours: '8' },
      /--hours is for --arrival/,
    ],
  ])('rejects %s', (_what, given, message) => {
    expect(() => capacityQuestion(given, NOW)).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', message: expect.stringMatching(message), exitCode: 2 }),
    );
  });

  test('says everything that is wrong at once', () => {
    expect(() => capacityQuestion({ pages: '-1', deadline: 'x', arrival: 'y' }, NOW)).toThrow(
      /--pages.*--deadline.*--arrival/,
    );
  });
});
