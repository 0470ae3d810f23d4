import { Failure } from './failure';
import { counted } from './words';

/** One finding of a rule about a deployment. All rules run; all findings are reported together. */
export interface Problem {
  /** Stable, upper-case: `L4_NEEDS_CPU`. */
  readonly code: string;
  /** The key in the deployment's YAML, dotted: `size.cpu`. */
  readonly key: string;
  /** The value found, as a person would write it. */
  readonly got: string;
  /** Why that cannot work, with the number that decides. */
  readonly reason: string;
  /** What to write instead. */
  readonly remedy: string;
  readonly severity: 'error' | 'warning';
}

/** `error size.cpu: got 2. Why. Remedy.`: one problem as one line, with the file in front. */
export function formatProblem(file: string, problem: Problem): string {
  return `${problem.severity} ${problem.code} at ${file} ${problem.key}: got ${problem.got}. ${problem.reason} ${problem.remedy}`;
}

/**
 * Stops when any problem is an error, with all of them in the message.
 * @throws Failure `INVALID_DEPLOYMENT`, exit code 2.
 */
export function refuseErrors(file: string, problems: readonly Problem[]): void {
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (errors.length === 0) return;
  throw new Failure({
    code: 'INVALID_DEPLOYMENT',
    message: `${counted(errors.length, 'problem')} in the deployment:\n${errors.map((problem) => `  ${formatProblem(file, problem)}`).join('\n')}`,
    where: file,
    remedy: `edit ${file} as each line says, then run \`npm run synth\` again`,
    exitCode: 2,
  });
}
