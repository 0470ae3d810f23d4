import type { Deployment } from './deployment';
import type { Candidate, Hold } from './ledger';
import { isPlaceholder } from './placeholder';
import { type Action, attributeChanges, hasChanges, type TerraformPlan } from './plan';

export interface ReviewInput {
  readonly deployment: Deployment;
  readonly plan: TerraformPlan;
  readonly fingerprint: string;
  readonly candidate: Candidate & { readonly revision: string; readonly reused: boolean };
  readonly holds: readonly Hold[];
}

/**
 * A plan in the words that a reviewer needs, as Markdown: the verdict, then destroys, then each change.
 * Values that Terraform marks as sensitive are not shown.
 */
export function planReview({ deployment, plan, fingerprint, candidate, holds }: ReviewInput): string {
  const changes = (plan.resource_changes ?? []).filter(({ change }) =>
    change.actions.some((action) => action !== 'no-op'),
  );
  const destroyed = changes.filter(({ change }) => change.actions.includes('delete'));
  const { minInstances, maxInstances } = deployment.scaling;
  const verdict = [
    ...holds.map((hold) => `**${hold.revision} is held** (${span(hold.reason)}, by ${hold.by})`),
    !hasChanges(plan)
      ? 'no changes'
      : candidate.reused
        ? `revision ${candidate.revision} stays`
        : `new revision ${candidate.revision}, 0 % traffic`,
    destroyed.length === 0 ? 'no destroys' : `**${destroyed.length} destroyed or replaced**`,
    `${minInstances} to ${maxInstances} instances`,
  ];
  const image = isPlaceholder(candidate)
    ? 'image not built yet (a placeholder stands for it)'
    : `image \`${candidate.digest}\``;
  const lines = [
    `<!-- lightonocr plan ${deployment.name} service -->`,
    `### Plan for \`${deployment.name}\`: ${verdict.join('; ')}`,
    '',
    `commit \`${candidate.sha.slice(0, 7)}\`, ${image}, fingerprint \`${fingerprint.slice(0, 12)}\``,
    ...destroyed.map(({ address, change }) => `- **${describe(change.actions)}** ${code(address)}`),
    '',
    ...changes.map(({ address, change }) =>
      [
        `<details><summary>${describe(change.actions)} ${code(address)}</summary>`,
        '',
        fence(
          attributeChanges(change)
            .map(
              ({ path, before, after }) => `${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
            )
            .join('\n'),
        ),
        '</details>',
      ].join('\n'),
    ),
  ];
  return `${lines.join('\n').trim()}\n`;
}

function describe(actions: readonly Action[]): string {
  if (actions.includes('delete') && actions.includes('create')) return 'replace';
  return actions.join(', ');
}

/** Inline code that its content cannot leave. */
function code(text: string): string {
  return `<code>${text.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</code>`;
}

/** A fenced block that its content cannot leave. */
function fence(content: string): string {
  const marks = ticks(content, 3);
  return `${marks}\n${content}\n${marks}`;
}

/** What a person typed, on one line and as code: no Markdown, no mention, no HTML. */
function span(text: string): string {
  const marks = ticks(text, 1);
  return `${marks} ${text.replace(/\s+/g, ' ')} ${marks}`;
}

/** At least so many backticks, and more than any run of them inside. */
function ticks(content: string, least: number): string {
  const runs = [...content.matchAll(/`+/g)].map(([run]) => run.length + 1);
  return '`'.repeat(Math.max(least, ...runs));
}
