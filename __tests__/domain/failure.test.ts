import { Failure, messageOf } from '../../domain/failure';

const details = {
  code: 'A_CODE',
  message: 'It broke.',
  where: 'deployments/x.yaml',
  remedy: 'mend it',
  exitCode: 3,
} as const;

describe('Failure', () => {
  test('carries what a script needs', () => {
    const cause = new Error('why');
    expect(new Failure({ ...details, got: '7' }, { cause })).toMatchObject({
      ...details,
      got: '7',
      name: 'Failure',
      cause,
    });
  });

  test('reads as code and message, then where, got and remedy, a line each', () => {
    expect(new Failure({ ...details, got: '7' }).toString().split('\n')).toEqual([
      'A_CODE: It broke.',
      '  where:  deployments/x.yaml',
      '  got:    7',
      '  remedy: mend it',
    ]);
  });

  test('has no line for what was not found', () => {
    expect(new Failure(details).toString()).not.toContain('got');
  });

  test('does not print its cause, which may hold what a request carried', () => {
    expect(String(new Failure(details, { cause: new Error('Bearer secret') }))).not.toContain('secret');
  });
});

describe('messageOf', () => {
  test.each([
    [new Error('broke'), 'broke'],
    [new Failure(details), 'It broke.'],
    ['text', 'text'],
    [undefined, 'undefined'],
  ])('%s', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});
