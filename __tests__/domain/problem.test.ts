import type { Failure } from '../../domain/failure';
import { formatProblem, type Problem, refuseErrors } from '../../domain/problem';

const problem = (change: Partial<Problem> = {}): Problem => ({
  code: 'L4_NEEDS_CPU',
  key: 'size.cpu',
  got: '2',
  reason: 'An L4 needs 4.',
  remedy: 'Write 4.',
  severity: 'error',
  ...change,
});
const warning = problem({ code: 'A_WARNING', severity: 'warning' });

describe('formatProblem', () => {
  test('says on one line what, where, got, why and what instead', () => {
    expect(formatProblem('x.yaml', problem())).toBe(
      'error L4_NEEDS_CPU at x.yaml size.cpu: got 2. An L4 needs 4. Write 4.',
    );
  });
});

describe('refuseErrors', () => {
  test.each<[string, Problem[]]>([
    ['nothing', []],
    ['warnings', [warning, warning]],
  ])('lets %s pass', (_what, problems) => {
    expect(() => refuseErrors('x.yaml', problems)).not.toThrow();
  });

  test('rejects errors, all of them together, and only them', () => {
    const problems = [problem(), warning, problem({ key: 'size.memoryGib' })];
    expect(() => refuseErrors('x.yaml', problems)).toThrow(
      expect.objectContaining<Partial<Failure>>({
        code: 'INVALID_DEPLOYMENT',
        exitCode: 2,
        where: 'x.yaml',
        message: `2 problems in the deployment:\n  ${formatProblem('x.yaml', problems[0]!)}\n  ${formatProblem('x.yaml', problems[2]!)}`,
      }) as Error,
    );
  });
});
