import { formatError, jsonError } from '../../bin/formatError';
import { Failure } from '../../domain/failure';

const FAILURE = new Failure({
  code: 'NO_SERVICE',
  message: 'The service does not exist.',
  where: 'service svc',
  remedy: 'make it',
  exitCode: 3,
});
const STOPPED = Object.assign(new Error('SIGINT'), { name: 'AbortError' });

describe('jsonError', () => {
  test('has the fields of a failure under their public names, and leaves out what was not observed', () => {
    expect(JSON.parse(jsonError(FAILURE, 3))).toEqual({
      code: 'NO_SERVICE',
      message: 'The service does not exist.',
      where: 'service svc',
      remedy: 'make it',
      exitCode: 3,
    });
  });

  test('is one line, whatever the message holds', () => {
    const failure = new Failure({ ...FAILURE, message: 'two\nlines', code: 'NO_SERVICE' });
    expect(jsonError(failure, 3)).not.toContain('\n');
  });

  test.each([
    ['a stop', STOPPED, 'STOPPED'],
    ['an error of ours', new TypeError('x is not a function'), 'DEFECT'],
  ])('tells %s by its code', (_what, error, code) => {
    expect(JSON.parse(jsonError(error, 3))).toMatchObject({ code, exitCode: 3 });
  });
});

describe('formatError', () => {
  test('says what may be left behind by a stop, and what is a defect', () => {
    expect(formatError(STOPPED)).toContain('lightonocr reconcile');
    expect(formatError(new Error('x'))).toBe('This is a defect, please report it: x');
  });
});
