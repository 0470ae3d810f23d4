import { rollbackInputs } from '../../../domain/releases/rollbackInputs';

describe('rollbackInputs', () => {
  test.each([
    'lightonocr-gpu-0123456-abcdef',
    'lightonocr-gpu-0123456-abcdef-2',
    '0123456',
    'f'.repeat(40),
    undefined,
  ])('takes the target %s, and trims', (to) => {
    expect(rollbackInputs({ reason: ' tables\n', ...(to && { to: ` ${to} ` }), now: true })).toEqual({
      reason: 'tables',
      ...(to && { to }),
      now: true,
    });
  });

  test.each([
    '',
    '--now',
    'latest; rm -rf /',
    '../x',
    'a'.repeat(64),
    'LATEST',
    'x\ny',
    '${{ secrets.X }}',
    '$(id)',
  ])('rejects the target %j', (to) => {
    expect(() => rollbackInputs({ reason: 'r', to })).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', exitCode: 2 }),
    );
  });

  test.each([' ', 'x'.repeat(501)])('rejects a reason that says nothing, or a novel', (reason) => {
    expect(() => rollbackInputs({ reason })).toThrow(/--reason/);
  });

  test('says everything at once', () => {
    expect(() => rollbackInputs({ reason: '', to: '?' })).toThrow(/--reason.*--to/);
  });
});
