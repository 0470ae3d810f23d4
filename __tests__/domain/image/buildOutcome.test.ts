import { buildFailure, logTail, submitFailure, typicalSeconds } from '../../../domain/image/buildOutcome';

const BUILD = { id: 'b1', status: 'FAILURE', logUrl: 'https://console/log' };

describe('buildFailure', () => {
  test.each<[string, object, string, RegExp]>([
    ['a time-out', { status: 'TIMEOUT', timeout: '5400s' }, 'BUILD_TIMED_OUT', /5400s/],
    [
      'a queue that was too long',
      { status: 'EXPIRED', queueTtl: '3600s' },
      'BUILD_EXPIRED',
      /3600s.*never began/,
    ],
    ['somebody who cancelled', { status: 'CANCELLED' }, 'BUILD_CANCELLED', /cancelled/],
    ['Cloud Build itself', { status: 'INTERNAL_ERROR' }, 'BUILD_INTERNAL_ERROR', /Cloud Build itself/],
    [
      'a push that is not allowed',
      { failureInfo: { type: 'PUSH_NOT_AUTHORIZED', detail: 'x' } },
      'BUILD_NOT_PERMITTED',
      /may not/,
    ],
    [
      'a step that may not read',
      { statusDetail: 'denied: Permission "artifactregistry.repositories.uploadArtifacts" denied' },
      'BUILD_NOT_PERMITTED',
      /may not/,
    ],
    ['a quota', { statusDetail: 'Quota exceeded for CPUs' }, 'BUILD_QUOTA', /quota/],
    ['a source that is gone', { failureInfo: { type: 'FETCH_SOURCE_FAILED' } }, 'BUILD_NO_SOURCE', /source/],
    [
      'a step',
      {
        statusDetail: 'exit 1',
        steps: [
          { id: 'build', status: 'SUCCESS' },
          { id: 'scan', status: 'FAILURE' },
        ],
      },
      'BUILD_FAILED',
      /in the step scan: exit 1/,
    ],
  ])('%s has words of its own', (_what, change, code, message) => {
    const failure = buildFailure({ ...BUILD, ...change }, ['last line']);
    expect(failure).toMatchObject({ code, exitCode: 1, where: 'build b1' });
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain('\n  last line');
  });
});

describe('submitFailure', () => {
  test.each([
    [403, 'The caller does not have permission', 'BUILD_NOT_PERMITTED'],
    [429, 'too many', 'BUILD_QUOTA'],
    [400, 'due to quota restrictions, Cloud Build cannot run builds in this region', 'BUILD_QUOTA'],
  ])('HTTP %d, %s', (status, reason, code) => {
    expect(submitFailure(status, reason, 'POST')).toMatchObject({ code, exitCode: 3 });
  });
  test('leaves any other answer as it is', () => {
    expect(submitFailure(400, 'steps: must be set', 'POST')).toBeUndefined();
  });
});

describe('logTail', () => {
  const log = [
    'starting',
    'Step #0 - "build": fine',
    'Step #1 - "scan": bad',
    'Step #1 - "scan": worse',
    'Step #0 - "build": late',
    'ERROR',
  ];
  const build = {
    ...BUILD,
    steps: [
      { id: 'build', status: 'SUCCESS' },
      { id: 'scan', status: 'FAILURE' },
    ],
  };
  test('is of the failing step alone, without its prefix', () => {
    expect(logTail(log.join('\r\n'), build)).toEqual(['bad', 'worse']);
  });
  test('is the end of the log where no step is said to have failed', () => {
    expect(logTail(log.join('\n'), BUILD).at(-1)).toBe('ERROR');
  });
  test('is twenty lines of three hundred characters at most', () => {
    const long = Array.from({ length: 99 }, (_, i) => `${i} ${'x'.repeat(999)}`).join('\n');
    const tail = logTail(long, BUILD);
    expect([tail.length, Math.max(...tail.map(({ length }) => length)), tail[0]!.slice(0, 3)]).toEqual([
      20,
      300,
      '79 ',
    ]);
  });
});

describe('typicalSeconds', () => {
  const took = (minutes: number) => ({
    startTime: '2026-01-01T00:00:00Z',
    finishTime: `2026-01-01T00:${String(minutes).padStart(2, '0')}:00Z`,
  });
  test('is the median of those that have ended', () => {
    expect(typicalSeconds([took(50), took(30), took(40), {}])).toBe(40 * 60);
    expect(typicalSeconds([])).toBeUndefined();
  });
});
