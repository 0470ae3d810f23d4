import { type Command, InvalidArgumentError } from 'commander';
import { rollbackInputs } from '../domain/releases/rollbackInputs';
import { scaleReason, type ScaleTarget, scaleTarget } from '../domain/scale/scaleInputs';
import { type CommonOptions, verb } from './releaseCommands';

/** Commands about the instances that run now: how many, and new ones of the same release. */
export function addScaleCommands(root: Command): void {
  verb<CommonOptions & { reason?: string; dryRun?: boolean }>(
    root,
    'scale',
    'The emergency stop (zero), a fixed number of instances, or back to what was there (restore).',
    'production zero --reason "runaway cost"',
    async (context, { reason: given, dryRun }, [word]) => {
      const target = word as ScaleTarget;
      const reason = scaleReason(target, given);
      const { scale } = await import('../operate/scale');
      const data = await scale(context, target, { reason, ...(dryRun && { dryRun }) });
      const heads = { stopped: 'stop', fixed: 'fix', restored: 'restore', nothing: 'change nothing' };
      const head = data.dryRun ? `would ${heads[data.action]}` : data.action;
      return { text: [`${head}: ${context.deployment.service}`, ...data.said].join('\n  '), data };
    },
  )
    .argument('<instances>', 'zero (or 0), restore, or a number of instances', instances)
    .option('--reason <text>', 'for the ledger and whoever reads it; needed for all but restore')
    .option('--dry-run', 'say what would be done, and change nothing');

  verb<CommonOptions & { reason: string; dryRun?: boolean }>(
    root,
    'restart',
    'Redeploys the serving revision unchanged, through smoke test and canary.',
    'production --reason "an instance hangs"',
    async (context, options) => {
      const { restart } = await import('../operate/restart');
      const { reason } = rollbackInputs(options, 'restart');
      const data = await restart(context, { ...options, reason });
      const { outcome, from, revision, review } = data;
      const text =
        outcome === 'planned'
          ? `${review}\nwould release ${revision}`
          : `${revision} has 100 % (was ${from})`;
      return { text, data };
    },
  )
    .requiredOption('--reason <text>', 'for the history')
    .option('--dry-run', 'print the review of the plan, and apply nothing');
}

function instances(word: string): ScaleTarget {
  const target = scaleTarget(word);
  if (target !== undefined) return target;
  throw new InvalidArgumentError('It is zero, restore, or a number of instances.');
}
