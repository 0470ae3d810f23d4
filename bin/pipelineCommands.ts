import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { Failure, messageOf } from '../domain/failure';
import { STACK_KINDS, type StackKind } from '../domain/names';
import type { TerraformPlan } from '../domain/plan/plan';
import { span } from '../domain/markdown';
import type { SynthesizedStack } from '../domain/plan/synthDifference';
import type { Review } from '../domain/plan/review';
import { reviewText } from '../domain/plan/reviewText';
import { writing } from '../ocr/outputFile';
import { print } from './fit';
import { type CommonOptions, verb } from './releaseCommands';

const STACKS: readonly StackKind[] = [...STACK_KINDS, 'batch', 'workstation'];

/** Commands that pipelines run around a release. */
export function addPipelineCommands(root: Command): void {
  verb<CommonOptions & { sha: string; github?: boolean; refuseDestroys?: boolean }>(
    root,
    'preview',
    'What a pull request would change, in every stack; locks nothing, keeps nothing.',
    'production --sha HEAD',
    async (context, options) => {
      const { preview, refuseDestroys } = await import('../release/verbs/preview');
      await context.git.needCheckedOut(await context.git.resolve(options.sha));
      const data = await preview(context, options);
      if (options.github) await comment(data);
      const failure = options.refuseDestroys ? caught(() => refuseDestroys(data)) : undefined;
      const details = await inFull(data);
      return { text: reviewText(data), details, data, ...(failure && { failure }) };
    },
  )
    .requiredOption('--sha <sha>', 'commit')
    .option('--github', 'keep one comment for all stacks on the pull request of GITHUB_REF')
    .option('--refuse-destroys', 'fail when something is destroyed or replaced');

  addReview(root);

  verb<CommonOptions & { allowUngated?: string }>(
    root,
    'gate',
    'Sees that a deploy waits for an approval: the GitHub environment has a protection rule.',
    'production',
    async ({ deployment }, options) => {
      const [{ checkGate }, hub] = await Promise.all([import('../release/verbs/gate'), openGithub()]);
      const { name } = deployment;
      const ungated = (options.allowUngated ?? '').split(/[\s,]+/);
      const data = await checkGate(hub.github, name, { allowUngated: ungated.includes(name) });
      const verdict = data.ungated
        ? `nobody approves a deploy to ${name}; that is allowed on purpose`
        : `a deploy to ${name} waits: ${data.rules.join(', ')}`;
      const text = [verdict, ...data.warnings.map((warning) => `warning: ${warning}`)].join('\n');
      const details = [verdict, ...data.warnings.map((warning) => `- warning: ${span(warning)}`)].join('\n');
      return { text, details, data };
    },
  ).option('--allow-ungated <environments>', 'names, with commas: deploy there although nobody approves');

  verb<CommonOptions & { github?: boolean; applied?: boolean }>(
    root,
    'drift',
    'What is in the cloud against what was applied, and traffic against intent; changes nothing.',
    'production',
    async (context, options) => {
      const [{ appliedSha, drift }, { driftIssue }] = await Promise.all([
        import('../release/verbs/drift'),
        import('../domain/plan/driftIssue'),
      ]);
      if (options.applied) {
        const applied = await appliedSha(context);
        return { text: applied ?? '', data: { applied }, summary: false };
      }
      const data = await drift(context);
      const issue = driftIssue(context.deployment.name, data);
      if (options.github && issue) {
        const { github } = await openGithub();
        await github.stickyIssue(issue.marker, issue.title, issue.body);
      }
      const { findings, skipped } = data;
      const left = skipped === undefined ? [] : [`not looked at: ${skipped}`];
      const said = [...findings, ...left];
      return {
        text: said.join('\n') || 'no drift',
        data,
        unsure: skipped !== undefined && findings.length === 0,
        ...(issue?.body && { details: issue.body }),
        outputs: { drift: String(data.findings.length > 0) },
      };
    },
  )
    .option('--github', 'keep one issue of GITHUB_REPOSITORY open while there is drift')
    .option(
      '--applied',
      'print the commit that was applied last, and look at nothing: `drift` wants its code',
    );
}

function addReview(root: Command): void {
  root
    .command('review <plan>')
    .description('Explains any plan (`terraform show -json`) in plain language.')
    .requiredOption('--deployment <name>', 'whose plan it is')
    .addOption(new Option('--stack <kind>', 'and of which stack').choices(STACKS).default('service'))
    .option(
      '--base <file>',
      'both files are cdk.tf.json: what is written there against what was, without any state',
    )
    .option('--markdown <file>', 'write the comment there')
    .option('--json', 'print the review as JSON')
    .option('--github', 'keep one comment on the pull request of GITHUB_REF')
    .option('--refuse-destroys', 'fail when something is destroyed or replaced')
    .addHelpText('after', '\nExample:\n  $ bin/lightonocr review plan.json --deployment production')
    .action(async (file: string, options: ReviewOptions) => {
      const [{ loadDeployment }, { planReview }, { synthDifference }, { refuseDestroys }] = await Promise.all(
        [
          import('../deployments/load'),
          import('../domain/plan/review'),
          import('../domain/plan/synthDifference'),
          import('../release/verbs/preview'),
        ],
      );
      const deployment = loadDeployment(options.deployment);
      const plan =
        options.base === undefined
          ? await readPlan(file)
          : synthDifference(await readStack(options.base), await readStack(file));
      const review = planReview({
        deployment,
        stack: options.stack,
        plan,
        ...(options.base !== undefined && {
          notes: [
            'From the code alone: neither the state nor the cloud was read. Replacements and drift do not show.',
          ],
        }),
      });
      const { markdown } = options;
      if (markdown !== undefined) {
        const { LONGEST_COMMENT } = await import('../domain/plan/reviewMarkdown');
        const text = await markdownOf([review], LONGEST_COMMENT);
        writing(markdown, () => writeFileSync(markdown, text));
      }
      if (options.github) await comment([review]);
      if (options.json) process.stdout.write(`${JSON.stringify(review, null, 2)}\n`);
      else print(reviewText([review]));
      const { appendSummary } = await import('./stepSummary');
      await appendSummary(await inFull([review]));
      if (options.refuseDestroys) refuseDestroys([review]);
    });
}

interface ReviewOptions {
  readonly deployment: string;
  readonly stack: StackKind;
  readonly base?: string;
  readonly markdown?: string;
  readonly json?: boolean;
  readonly github?: boolean;
  readonly refuseDestroys?: boolean;
}

async function openGithub() {
  const [{ githubEnvironment }, { github }] = await Promise.all([
    import('../deployments/githubEnvironment'),
    import('../release/adapters/github'),
  ]);
  const environment = githubEnvironment(process.env);
  return { environment, github: github(environment) };
}

/** One comment for all of them, on the pull request; an old one is brought up to date. */
async function comment(reviews: readonly Review[]): Promise<void> {
  const [{ LONGEST_COMMENT, reviewMarker }, { environment, github }] = await Promise.all([
    import('../domain/plan/reviewMarkdown'),
    openGithub(),
  ]);
  const { pullRequest } = environment;
  if (pullRequest === undefined) {
    throw new Failure({
      code: 'NO_PULL_REQUEST',
      message: 'There is no pull request to comment on.',
      where: 'GITHUB_REF',
      got: process.env.GITHUB_REF ?? 'not set',
      remedy: 'run it in a workflow of a pull request, or set GITHUB_REF=refs/pull/NUMBER/merge',
      exitCode: 2,
    });
  }
  const create = reviews.some(({ stack, changes }) => stack === 'service' || changes);
  const text = await markdownOf(reviews, LONGEST_COMMENT);
  await github.stickyComment(pullRequest, reviewMarker(reviews), text, { create });
}

async function markdownOf(reviews: readonly Review[], longest: number): Promise<string> {
  const { reviewMarkdown } = await import('../domain/plan/reviewMarkdown');
  const { releaseEnvironment } = await import('../deployments/environment');
  const { runUrl } = releaseEnvironment(process.env);
  return reviewMarkdown(reviews, { longest, ...(runUrl !== undefined && { runUrl }) });
}

/** As a summary takes them. */
async function inFull(reviews: readonly Review[]): Promise<string> {
  const { LONGEST_SUMMARY } = await import('../domain/plan/reviewMarkdown');
  return markdownOf(reviews, LONGEST_SUMMARY);
}

/** A state or any other JSON would review as a plan without changes. */
async function readPlan(file: string): Promise<TerraformPlan> {
  const { readPlanJson } = await import('../release/adapters/terraform/planJson');
  const read = readPlanJson(await readText(file));
  if ('problem' in read) throw noPlan(file, read.problem);
  const keys = Object.keys(read.plan);
  if (['resource_changes', 'planned_values'].some((key) => keys.includes(key))) return read.plan;
  throw noPlan(file, `it has the keys ${keys.slice(0, 5).join(', ')}`);
}

async function readStack(file: string): Promise<SynthesizedStack> {
  const text = await readText(file);
  try {
    return JSON.parse(text) as SynthesizedStack;
  } catch (error) {
    throw noPlan(file, messageOf(error));
  }
}

const readText = (file: string) =>
  readFile(file, 'utf8').catch((error: unknown) => {
    throw noPlan(file, messageOf(error));
  });

function noPlan(file: string, got: string): Failure {
  return new Failure({
    code: 'NO_PLAN_JSON',
    message: 'This is no plan as JSON.',
    where: file,
    got,
    remedy: 'make one: terraform show -json PLAN > plan.json',
    exitCode: 2,
  });
}

function caught(work: () => void): Failure | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
