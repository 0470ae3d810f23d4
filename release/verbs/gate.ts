import { Failure, messageOf } from '../../domain/failure';
import type { Github } from '../adapters/github';

export interface GateResult {
  readonly environment: string;
  /** Types of the rules that make somebody or something decide. */
  readonly rules: readonly string[];
  readonly ungated: boolean;
  /** What does not stop a deploy and should not stay: reviews that nobody is asked for. */
  readonly warnings: readonly string[];
}

/** Rules that decide nothing about a release: which branch may use the environment, and how long it waits. */
const NO_DECISION = ['branch_policy', 'wait_timer'];

/**
 * Sees that a deploy to this environment waits for somebody. GitHub makes a missing environment by itself, without rules, and
 * offers required reviewers on private repositories only with an Enterprise plan: an approval that nobody gives looks like one.
 * @throws Failure `NO_GATE`, exit code 3.
 */
export async function checkGate(
  github: Github,
  environment: string,
  options: { allowUngated?: boolean } = {},
): Promise<GateResult> {
  const found = await github.protectionRules(environment);
  const rules = (found ?? [])
    .filter(
      ({ type, reviewers }) =>
        !NO_DECISION.includes(type) && (type !== 'required_reviewers' || reviewers?.length),
    )
    .map(({ type }) => type);
  if (rules.length > 0 || options.allowUngated) {
    return { environment, rules, ungated: rules.length === 0, warnings: await reviewWarnings(github) };
  }
  throw new Failure({
    code: 'NO_GATE',
    message: `Nobody has to approve a deploy to the environment ${environment}.`,
    where: `GitHub environment ${environment}`,
    got:
      found === undefined
        ? 'there is no such environment'
        : `protection rules: ${found.map(({ type }) => type).join(', ') || 'none'}`,
    remedy: `add required reviewers: Settings, Environments, ${environment}; where the plan has none, or to deploy without an approval on purpose, add ${environment} to the repository variable ALLOW_UNGATED, names with commas (docs/repository-setup.md)`,
    exitCode: 3,
  });
}

/** A look that fails is no reason to stop a deploy. */
async function reviewWarnings(github: Github): Promise<string[]> {
  try {
    const errors = await github.codeownersErrors();
    return errors.map((error) => `CODEOWNERS asks nobody for a review: ${error}`);
  } catch (error) {
    return [`CODEOWNERS was not checked: ${messageOf(error)}`];
  }
}
