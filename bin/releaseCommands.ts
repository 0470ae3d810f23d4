import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Failure } from '../domain/failure';
import { LONGEST_SUMMARY, reviewMarkdown } from '../domain/plan/reviewMarkdown';
import { reviewText } from '../domain/plan/reviewText';
import { rollbackInputs } from '../domain/releases/rollbackInputs';
import { writing } from '../ocr/outputFile';
import type { ReleaseContext } from '../release/ports/context';
import { announced } from './announce';
import { print } from './fit';
import { writeOutputs } from './github';
import { statusTables } from './statusTables';
import { summarized } from './stepSummary';

export interface CommonOptions {
  readonly endpoint?: string;
  readonly terraform?: string;
  readonly json?: boolean;
  /** In a workflow a release that something newer has taken over is no failure of its run. */
  readonly supersededOk?: boolean;
}

/** What a verb gives back: a sentence for a person, data for a machine, outputs for a workflow. */
interface Outcome {
  readonly text: string;
  readonly data: object;
  readonly outputs?: Readonly<Record<string, string>>;
  /** Markdown for the job's summary, where a sentence is not all. */
  readonly details?: string;
  /** Thrown once the rest is printed: a person sees the whole picture and what is wrong with it. */
  readonly failure?: Failure;
  /** True for a command that has written its output itself, as it came. */
  readonly printed?: boolean;
}

/**
 * A verb of one deployment: its flags are declared once, and its module is loaded when it is called.
 * @param run gets what was given after the deployment, and at the end what the deployment was named by.
 * @param onlyLooks it has nothing to put back or to finish: Ctrl-C ends it at once, as it ends any program.
 */
export function verb<Options extends CommonOptions>(
  root: Command,
  command: string,
  description: string,
  example: string,
  run: (context: ReleaseContext, options: Options, words: readonly unknown[]) => Promise<Outcome>,
  { onlyLooks = false, argument = 'deployment', deploymentOf = (named: string) => named } = {},
): Command {
  const path = root.parent ? `${root.name()} ${command}` : command;
  return root
    .command(`${command} <${argument}>`)
    .description(description)
    .option('--endpoint <url>', 'base URL for all Google APIs')
    .option('--terraform <path>', 'Terraform to run', undefined)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', `\nExample:\n  $ bin/lightonocr ${path} ${example}`)
    .action(async (named: string, ...rest: unknown[]) => {
      // Commander hands in further arguments of the command, its options, and itself.
      const [options, words] = [rest.at(-2) as Options, [...rest.slice(0, -2), named]];
      const [{ openRelease }, { loadDeployment }] = await Promise.all([
        import('../release/open'),
        import('../deployments/load'),
      ]);
      const deployment = loadDeployment(deploymentOf(named));
      const abort = new AbortController();
      const stop = () => abort.abort();
      const signals = onlyLooks ? [] : (['SIGINT', 'SIGTERM'] as const);
      for (const signal of signals) process.once(signal, stop);
      const progress = (line: string) =>
        print(`${new Date().toISOString().slice(11, 19)} ${line}`, process.stderr);
      const context = openRelease({ ...options, deployment, signal: abort.signal, progress });
      const announcement = {
        url: process.env.LIGHTONOCR_WEBHOOK,
        reason: (options as { reason?: string }).reason,
      };
      const work = () => summarized(command, context, (watched) => run(watched, options, words));
      const outcome = await announced(command, context, announcement, work)
        .catch((error: unknown) => {
          if (options.supersededOk && error instanceof Failure && error.exitCode === 4)
            return supersededBy(error);
          throw error;
        })
        .finally(() => signals.forEach((signal) => process.removeListener(signal, stop)));
      await writeOutputs(outcome.outputs ?? {});
      if (!outcome.printed)
        if (options.json) process.stdout.write(`${JSON.stringify(outcome.data, null, 2)}\n`);
        else print(outcome.text);
      if (outcome.failure) throw outcome.failure;
    });
}

function supersededBy({ code, got, message }: Failure): Outcome {
  return {
    text: `superseded: ${message}${got === undefined ? '' : ` (${got})`}`,
    data: { superseded: true, code },
    outputs: { superseded: 'true' },
  };
}

const PUSH = ['--push', 'this run was started by a merge: stop if a newer commit was applied'] as const;
const SUPERSEDED_OK = [
  '--superseded-ok',
  'exit code 0 instead of 4, and the output superseded=true: for workflows',
] as const;

function addBuild(root: Command): void {
  verb<CommonOptions & { sha: string; cache: boolean; cancelOnExit?: boolean }>(
    root,
    'build',
    'The image of a commit: reuses a matching one, joins a running build, or builds (30 to 60 minutes).',
    'production --sha HEAD',
    async (context, options) => {
      const { build } = await import('../release/verbs/build');
      await context.git.needCheckedOut(await context.git.resolve(options.sha));
      const data = await build(context, { ...options, noCache: !options.cache });
      return { text: `${data.outcome}: ${data.digest}`, data, outputs: { digest: data.digest } };
    },
  )
    .requiredOption('--sha <sha>', 'commit')
    .option('--no-cache', 'build every layer anew, known or not: after a model download that broke off')
    .option('--cancel-on-exit', 'cancel the build when this command is stopped; else it goes on');
}

function addPlan(root: Command): void {
  verb<
    CommonOptions & {
      sha: string;
      digest?: string;
      review?: string;
      pullRequest?: boolean;
      checkStacks?: boolean;
      push?: boolean;
    }
  >(
    root,
    'plan',
    'Plans the service stack and says in words what would change; prints the fingerprint to approve.',
    'production --sha HEAD --review review.md',
    async (context, options) => {
      const { plan } = await import('../release/verbs/plan');
      const sha = await context.git.resolve(options.sha);
      await context.git.needCheckedOut(sha);
      if (options.checkStacks) {
        const { assertNotFirstRelease } = await import('../release/checks/requireAppliedStacks');
        await assertNotFirstRelease(context);
      }
      if (options.push) {
        const { assertNotSuperseded } = await import('../release/checks/preconditions');
        const plannedAt = context.clock.now().toISOString();
        await assertNotSuperseded(context, await context.ledger.read(), { sha, plannedAt });
      }
      const data = await plan(context, options);
      const { review } = options;
      if (review !== undefined) writing(review, () => writeFileSync(review, data.review));
      if (options.checkStacks) {
        const { assertNoManualStackChanges } = await import('../release/checks/manualStacks');
        await assertNoManualStackChanges(context, options.sha);
      }
      const { id = '', fingerprint, changes } = data;
      const { name } = context.deployment;
      const apply = `bin/lightonocr apply ${name} --plan ${id} --fingerprint ${fingerprint}`;
      const text = [
        reviewText([data.reviewed]),
        '',
        `plan ${id || '(not kept)'}`,
        `fingerprint ${fingerprint}`,
        ...(id ? ['next, once it is approved:', `  ${apply}`] : []),
      ].join('\n');
      return {
        text,
        details: `${reviewMarkdown([data.reviewed], { longest: LONGEST_SUMMARY })}\nplan \`${id}\`\nfingerprint \`${fingerprint}\``,
        data,
        outputs: { plan: id, fingerprint, changes: String(changes) },
      };
    },
  )
    .requiredOption('--sha <sha>', 'commit')
    .option('--digest <digest>', 'image; default: what the commit is tagged as')
    .option('--review <file>', 'write the review there, as Markdown')
    .option(
      '--check-stacks',
      'stop where a person has to apply a stack first: one that the commit changes, or one that never was',
    )
    .option('--pull-request', 'lock nothing and keep nothing: a plan that nobody can approve')
    .option(...PUSH)
    .option(...SUPERSEDED_OK);
}

function addApply(root: Command): void {
  verb<
    CommonOptions & {
      plan: string;
      fingerprint: string;
      force?: boolean;
      initLedger?: boolean;
      push?: boolean;
    }
  >(
    root,
    'apply',
    'Applies an approved plan; the new revision gets no traffic.',
    'production --plan ID --fingerprint FINGERPRINT',
    async (context, options) => {
      const { apply } = await import('../release/verbs/apply');
      const { record } = await context.plans.load(options.plan);
      await context.git.needCheckedOut(record.sha); // it may have to plan again, from the working copy
      const data = await apply(context, options);
      return { text: `${data.changed ? 'applied' : 'nothing to change'}: ${data.revision} is ready`, data };
    },
  )
    .requiredOption('--plan <id>', 'as `plan` printed it')
    .requiredOption('--fingerprint <fingerprint>', 'the one that was approved')
    .option('--force', 'apply although the candidate is held')
    .option('--init-ledger', 'start the ledger: the first deploy ever')
    .option(...PUSH)
    .option(...SUPERSEDED_OK);
}

function addRelease(root: Command): void {
  verb<CommonOptions & { sha: string; force?: boolean }>(
    root,
    'release',
    'Smoke test at 0 %, then traffic in steps; goes back by itself when the numbers say so.',
    'production --sha HEAD',
    async (context, options) => {
      const { release } = await import('../release/verbs/release');
      const data = await release(context, options);
      return { text: `${data.outcome}: ${data.revision} has 100 %`, data };
    },
  )
    .requiredOption('--sha <sha>', 'commit that was applied')
    .option('--force', 'release although the candidate is held')
    .option(...SUPERSEDED_OK);
}

/** First among what a person needs in an emergency. */
export function addRollbackCommand(root: Command): void {
  verb<CommonOptions & { to?: string; reason: string; now?: boolean; further?: boolean }>(
    root,
    'rollback',
    'Moves all traffic to an earlier revision at once. Waits for nobody.',
    'production --reason "tables come out empty"',
    async (context, options) => {
      const { rollback } = await import('../release/verbs/rollback');
      const data = await rollback(context, rollbackInputs(options));
      return {
        text: `all traffic is on ${data.to} (${data.from.length > 0 ? `was on ${data.from.join(', ')}` : 'already there'})`,
        data,
      };
    },
  )
    .requiredOption('--reason <text>', 'for the history')
    .option('--to <revision|sha>', 'default: the previous good one')
    .option('--now', 'do not warm the target up first')
    .option('--further', 'leave also what an unproven rollback went to, instead of finishing that one');
}

function addReconcile(root: Command): void {
  verb(
    root,
    'reconcile',
    'Cleans up after a release whose runner died; does nothing while a release is running.',
    'production',
    async (context) => {
      const { reconcile } = await import('../release/verbs/reconcile');
      const data = await reconcile(context);
      return { text: `${data.action}: ${data.reason}`, data };
    },
  );
}

export function addStatusCommand(root: Command): void {
  verb(
    root,
    'status',
    'What serves, what is meant to, and what happened.',
    'production',
    async (context) => {
      const { status } = await import('../release/verbs/status');
      const data = await status(context);
      return {
        text: statusTables(data),
        data,
        ...(data.ledgerFailure && { failure: data.ledgerFailure }),
      };
    },
    { onlyLooks: true },
  );
}

export function addReleaseCommands(root: Command): void {
  for (const add of [addBuild, addPlan, addApply, addRelease, addReconcile]) {
    add(root);
  }
}
