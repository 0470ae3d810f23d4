import type { Command } from 'commander';
import { Failure } from '../domain/failure';
import { assertWithinMaximum } from '../domain/scale/assertWithinMaximum';
import type { ReleaseContext } from '../release/ports/context';
import { positive } from './positive';
import { type ProgressBar, progressBar } from './progressBar';
import { print } from './fit';
import { openStoppable, untilStopped } from './stoppable';

interface WarmUpCommandOptions {
  readonly endpoint?: string;
  readonly instances: number;
  readonly budget?: number;
  readonly json?: boolean;
}

export function addWarmUpCommand(root: Command): void {
  root
    .command('warmup <deployment>')
    .description('Waits until the service is ready, and starts more instances if asked.')
    .option('--endpoint <url>', 'base URL for all Google APIs')
    .option(
      '--instances <number>',
      'number of instances to start, at most scaling.maxInstances of the deployment',
      positive,
      1,
    )
    .option('--budget <seconds>', 'for the start; default release.smoke.coldStartSeconds', positive)
    .addHelpText('after', '\nExample:\n  $ bin/lightonocr warmup production')
    .option('--json', 'print data')
    .action(async (name: string, options: WarmUpCommandOptions) => {
      const bar = progressBar(process.stderr, () => performance.now());
      const context = await openStoppable(name, options.endpoint, bar.line);
      await untilStopped(context.signal, () => warmUp(context, options, bar), {
        message: 'Stopped before the service was ready.',
        where: context.deployment.service,
        remedy: 'nothing has to be put back; an instance that was started goes by itself when it is idle',
      });
    });
}

async function warmUp(
  context: ReleaseContext,
  { instances, budget, json }: WarmUpCommandOptions,
  bar: ProgressBar,
): Promise<void> {
  assertWithinMaximum(context.deployment, instances);
  const [{ warmInstances }, { ocrService, warmUpOptions }] = await Promise.all([
    import('../ocr/warmInstances'),
    import('../release/checks/ocrService'),
  ]);
  const { concurrency } = context.deployment.scaling;
  const waiting = warmUpOptions(context, budget);
  const onWait = bar.waitOf(waiting.budgetSeconds);
  const client = await ocrService(context);
  const warmed = await warmInstances(client, { ...waiting, instances, concurrency, onWait }).finally(bar.end);
  const { seconds, answered, sent, failures } = warmed;
  const text = `ready after ${seconds.toFixed(1)} s; ${answered} of ${sent} requests answered`;
  if (json) process.stdout.write(`${JSON.stringify(warmed)}\n`);
  else print(text);
  if (answered < sent) throw notAllAnswered(context.deployment.name, failures, instances);
}

function notAllAnswered(name: string, failures: readonly string[], instances: number): Failure {
  return new Failure({
    code: 'NOT_ALL_WARM',
    message: `Not every request that was to start ${instances} instances was answered.`,
    where: 'warmup',
    got: [...new Set(failures)].join(', '),
    remedy: `see the GPU quota and the logs: bin/lightonocr quota ${name}, bin/lightonocr logs ${name}`,
    exitCode: 1,
  });
}
