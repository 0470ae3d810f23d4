import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  type BootstrapStep,
  type BootstrapStepId,
  bootstrapSteps,
  FIRST_APIS,
  LOCAL_BACKEND_FILE,
} from '../domain/foundation/bootstrap';
import { Failure } from '../domain/failure';
import { reviewText } from '../domain/plan/reviewText';
import { shortSha } from '../domain/names';
import { hasServed } from '../domain/releases/ledger';
import { counted } from '../domain/words';
import { apply } from '../release/verbs/apply';
import { build } from '../release/verbs/build';
import type { ReleaseContext } from '../release/ports/context';
import { plan, type PlanResult } from '../release/verbs/plan';
import { release } from '../release/verbs/release';
import { adoptStack } from './adopt';
import {
  applyStack,
  isStateMoved,
  type PersonStack,
  planStack,
  prepareStack,
  refuseLoss,
} from './personStack';

export interface BootstrapOptions {
  /** Commit of the first image. */
  readonly sha: string;
}

/** A step as it stands in the cloud. */
export interface CheckedStep extends BootstrapStep {
  readonly number: number;
  readonly done: boolean;
}

interface Runner {
  /** Looks at the cloud, never at what an earlier run remembered: so every step can be started again. */
  readonly done: (context: ReleaseContext, options: BootstrapOptions) => Promise<boolean>;
  /** @returns what was done, one line. */
  readonly run: (context: ReleaseContext, options: BootstrapOptions) => Promise<string>;
}

const stack = (kind: PersonStack): Runner => ({
  done: async (context) => !(await planStack(context, kind)).changes,
  run: async (context) => `${counted((await applyStack(context, kind)).length, 'resource')} applied`,
});

const RUNNERS: Readonly<Record<BootstrapStepId, Runner>> = {
  apis: {
    async done({ call, deployment }) {
      const path = `/v1/projects/${deployment.project}/services`;
      const enabled = await Promise.all(
        FIRST_APIS.map(
          async (api) =>
            (await call<{ state?: string }>('serviceusage', { path: `${path}/${api}` })).data.state,
        ),
      );
      return enabled.every((state) => state === 'ENABLED');
    },
    async run({ call, deployment }) {
      const path = `/v1/projects/${deployment.project}/services:batchEnable`;
      await call('serviceusage', { method: 'POST', path, body: { serviceIds: FIRST_APIS } });
      return 'asked for; it may take a minute until they are on';
    },
  },
  foundation: stack('foundation'),
  state: {
    done: isStateMoved,
    async run(context) {
      const directory = await prepareStack(context, 'foundation');
      await rm(join(directory, LOCAL_BACKEND_FILE), { force: true });
      await context.terraform.init(directory, 'migrate');
      return 'the state is in its bucket; the local file is not used any more';
    },
  },
  image: {
    async done(context, { sha }) {
      if (await hasReleased(context)) return true;
      return (await context.registry.digestOf(shortSha(await context.git.resolve(sha)))) !== undefined;
    },
    run: async (context, options) => (await build(context, options)).digest,
  },
  service: {
    // The ledger outlives a service that was deleted.
    done: async (context) => (await hasReleased(context)) && (await context.cloudRun.service()) !== undefined,
    async run(context, { sha }) {
      const planned = await planService(context, sha);
      const directory = context.workspace.stack('service');
      refuseLoss(
        await context.terraform.show(directory, context.workspace.file('service.tfplan')),
        directory,
      );
      context.progress(reviewText([planned.reviewed]));
      const { revision } = await apply(context, {
        plan: planned.id!,
        fingerprint: planned.fingerprint,
        initLedger: true,
      });
      return `${revision} is ready`;
    },
  },
  access: stack('access'),
  release: {
    async done(context) {
      // An adopted service is pinned to its old revision, which no release has made; and the ledger outlives a deleted one.
      const ledger = await context.ledger.read();
      const meant = ledger?.intent?.revision;
      if (meant === undefined || !hasServed(ledger!, meant)) return false;
      return (await context.cloudRun.revision(meant)) !== undefined;
    },
    async run(context) {
      const sha = (await context.ledger.read())!.releases[0]!.sha; // the one that was applied
      const { outcome, revision } = await release(context, { sha });
      return `${outcome}: ${revision} has 100 %`;
    },
  },
  observability: stack('observability'),
};

/** True once a revision of this deployment was applied and came up. */
async function hasReleased({ ledger }: ReleaseContext): Promise<boolean> {
  const UP = ['applied', 'smoke', 'canary', 'served'];
  return !!(await ledger.read())?.releases.some(({ state }) => UP.includes(state));
}

/**
 * Killed while it made the service, Terraform leaves one that its state does not know. The ledger had the release before
 * that, so the service is known for ours, and is taken into the state. One made by hand is taken over by `adopt` alone.
 */
async function planService(context: ReleaseContext, sha: string): Promise<PlanResult> {
  try {
    return await plan(context, { sha });
  } catch (error) {
    const isUnknown = error instanceof Failure && error.code === 'SERVICE_NOT_IN_STATE';
    if (!isUnknown || !(await hasBegun(context))) throw error;
    context.progress('a run that was killed has made the service: it is taken into the state');
    await adoptStack(context, 'service');
    return plan(context, { sha });
  }
}

/** True where the cloud has a revision that the ledger was about to apply. */
async function hasBegun({ ledger, cloudRun }: ReleaseContext): Promise<boolean> {
  const made = (await cloudRun.revisions()).map(({ name }) => name);
  return !!(await ledger.read())?.releases.some(({ revision }) => made.includes(revision));
}

/** The steps of this deployment, numbered as they are shown and asked for. */
export function numberedSteps({
  deployment,
  workspace,
}: ReleaseContext): (BootstrapStep & { number: number })[] {
  const directory = relative(process.cwd(), workspace.file('.')) || '.';
  return bootstrapSteps(deployment, directory).map((step, index) => ({ ...step, number: index + 1 }));
}

/** Every step with what the cloud says of it. The stacks are planned for that, and none is applied. */
export async function checkSteps(context: ReleaseContext, options: BootstrapOptions): Promise<CheckedStep[]> {
  const checked: CheckedStep[] = [];
  for (const step of numberedSteps(context)) {
    // What stands on an undone step cannot be asked yet: its bucket or its service is not there.
    const reachable = checked.every(({ done }) => done);
    checked.push({ ...step, done: reachable && (await RUNNERS[step.id].done(context, options)) });
  }
  return checked;
}

/**
 * Runs one step: by number, by id, or `next`, the first that is not done. One that is done already is left alone.
 * @param wanted one of `STEP_CHOICES`, to which the command line holds it.
 * @throws Failure `NO_SUCH_STEP` (2) for one that this deployment does not have, `BOOTSTRAP_ORDER` (3) when an earlier step is
 * not done.
 */
export async function runStep(
  context: ReleaseContext,
  wanted: string,
  options: BootstrapOptions,
): Promise<{ step?: CheckedStep; outcome: string }> {
  const named = ({ id, number }: { id: string; number: number }) =>
    wanted === id || wanted === String(number);
  if (wanted !== 'next' && !numberedSteps(context).some(named)) throw noSuchStep(context, wanted);
  const steps = await checkSteps(context, options);
  const next = steps.find(({ done }) => !done);
  const step = wanted === 'next' ? next : steps.find(named);
  if (step === undefined) return { outcome: 'every step is done' };
  if (step.done) return { step, outcome: 'done already' };
  if (step !== next) {
    throw new Failure({
      code: 'BOOTSTRAP_ORDER',
      message: `Step ${step.number} (${step.id}) stands on step ${next!.number} (${next!.id}), which is not done.`,
      where: context.deployment.name,
      remedy: `bin/lightonocr bootstrap ${context.deployment.name} --run ${next!.number}`,
      exitCode: 3,
    });
  }
  context.progress(`step ${step.number}: ${step.does}`);
  return { step, outcome: await RUNNERS[step.id].run(context, options) };
}

/** `STEP_CHOICES` are those of every deployment; one with a local state moves none. */
function noSuchStep(context: ReleaseContext, got: string): Failure {
  const { name } = context.deployment;
  return new Failure({
    code: 'NO_SUCH_STEP',
    message: 'This deployment has no such step.',
    where: `deployments/${name}.yaml`,
    got,
    remedy: `one of ${numberedSteps(context)
      .map(({ number, id }) => `${number} (${id})`)
      .join(', ')}, or next; what they do: bin/lightonocr bootstrap ${name}`,
    exitCode: 2,
  });
}
