import { type Command, Option } from 'commander';
import { STEP_CHOICES } from '../domain/foundation/bootstrap';
import type { AdoptedStack } from '../operate/adopt';
import type { CheckedStep } from '../operate/bootstrap';
import type { QuotaFlags } from './quota';
import { type CommonOptions, verb } from './releaseCommands';

/** Commands that set a project up. */
export function addPlatformCommands(root: Command): void {
  verb<CommonOptions & { run?: string; check?: boolean; sha: string }>(
    root,
    'bootstrap',
    'From an empty project to a service that serves: prints the steps, and runs one at a time when told to.',
    'production --run next',
    async (context, options) => {
      const { checkSteps, numberedSteps, runStep } = await import('../operate/bootstrap');
      if (options.run !== undefined) {
        // The image is made of the commit, the stacks of what is checked out: they must be the same.
        await context.git.needCheckedOut(await context.git.resolve(options.sha));
        const data = await runStep(context, options.run, options);
        const { step, outcome } = data;
        return { text: step ? `step ${step.number}, ${step.id}: ${outcome}` : outcome, data };
      }
      const data = options.check ? await checkSteps(context, options) : numberedSteps(context);
      return { text: stepsText(context.deployment.name, data), data };
    },
  )
    .addOption(
      new Option(
        '--run <step>',
        'run this one: its number, its id, or next; one that is done is left alone',
      ).choices(STEP_CHOICES),
    )
    .option('--check', 'look at the cloud and say which steps are done; plans, applies nothing')
    .option('--sha <sha>', 'commit of the first image', 'HEAD');

  verb(
    root,
    'adopt',
    'Finds what a project made by hand has already, and writes import blocks for it; changes nothing else.',
    'production',
    async (context) => {
      const { adopt } = await import('../operate/adopt');
      const data = await adopt(context);
      return { text: adoptedText(context.deployment.name, data), data };
    },
  );

  verb<CommonOptions & QuotaFlags>(
    root,
    'quota',
    'What the project may use against what the deployment may ask for; says what blocks, and asks Google for more.',
    'production --request --email you@example.com --follow',
    (context, options) => import('./quota').then(({ quota }) => quota(context, options)),
  )
    .option('--all-regions', 'every region that has the GPU, side by side: limits, requests, price')
    .option('--choose <region>', 'with --all-regions: write this region into the deployment')
    .option('--request', 'ask Google for what blocks, or show where that request stands')
    .option('--gpus <number>', 'ask for room for so many instances; default what serves, and a candidate')
    .option('--email <address>', 'Google account that may change quotas, for questions back')
    .option('--justification <text>', 'why; default a sentence of what the deployment needs')
    .option('--again', 'repeat a request that was denied, or granted in part')
    .option('--follow', 'wait for the answer: minutes or days; Ctrl-C is safe')
    .option('--dry-run', 'print the requests, send nothing')
    .option('--yes', 'do not ask before sending');
}

/** The steps for a person: what each does, why it stands there, and the same by hand. */
export function stepsText(
  deployment: string,
  steps: readonly (Omit<CheckedStep, 'done'> & { readonly done?: boolean })[],
): string {
  const lines = steps.flatMap(({ number, id, does, why, byHand, done }) => [
    `${number}. ${id}${done === undefined ? '' : done ? ' (done)' : ' (to do)'}: ${does}; ${why}`,
    ...byHand.map((line) => `     ${line}`),
    '',
  ]);
  const hint = `One at a time, each checked first and safe to start again: bin/lightonocr bootstrap ${deployment} --run next`;
  return [...lines, hint].join('\n');
}

/** What was found, stack by stack, and what takes it over. */
export function adoptedText(deployment: string, stacks: readonly AdoptedStack[]): string {
  const found = stacks.filter((stack) => stack.found.length > 0);
  if (found.length === 0)
    return 'The project has nothing that a stack would make: there is nothing to adopt.';
  const lines = found.flatMap(({ kind, file, found: resources }) => [
    `${kind}: ${file}`,
    ...resources.map(({ address, id }) => `     ${address}  ${id}`),
  ]);
  const hint = `They are taken over when their stacks are applied: bin/lightonocr bootstrap ${deployment} --run next`;
  return [...lines, '', hint].join('\n');
}
