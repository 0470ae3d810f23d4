import { Failure, messageOf } from '../domain/failure';
import { reviewText } from '../domain/plan/reviewText';
import { isVolatile } from '../domain/plan/fingerprint';
import { entryOf, isRestart, activeLease, type Ledger, type ReleaseEntry } from '../domain/releases/ledger';
import { SERVICE_TYPE } from '../domain/plan/plan';
import { pendingRelease } from '../domain/releases/activeRelease';
import { revisionTemplate, templateHash } from '../domain/template';
import { assertNotBlocked, assertNotScaled } from '../release/checks/preconditions';
import { apply } from '../release/verbs/apply';
import type { ReleaseContext } from '../release/ports/context';
import { requireLedger } from '../release/checks/readLedger';
import { requireService } from '../release/checks/requireService';
import { plan, type PlanResult } from '../release/verbs/plan';
import { reconcile } from '../release/verbs/reconcile';
import { release } from '../release/verbs/release';

export interface RestartOptions {
  /** For the history. */
  readonly reason: string;
  /** Plans it, and applies nothing. */
  readonly dryRun?: boolean;
}

export interface RestartResult {
  readonly from: string;
  /** The new revision. */
  readonly revision: string;
  readonly outcome: 'served' | 'planned';
  /** Markdown. */
  readonly review: string;
}

/** States in which the newest release, when it is a restart, is gone on with under the name that it has. */
const UNFINISHED = ['applying', 'applied', 'smoke', 'canary', 'put-back'];
/** What a new name changes of the service. */
const NAME = /^template\.(\d+\.)?revision$/;
const TEMPLATE = /^template\./;

/**
 * What serves, anew: the same image and settings as another revision, through plan, smoke test and canary as any release.
 * Waits for no approval: nothing in it is new. A rerun goes on with the revision that a killed one has made.
 * @throws Failure `HELD`, `SERVICE_STOPPED`, `RELEASE_UNDER_WAY`, `NOTHING_TO_RESTART`, `RESTART_CHANGES_MORE` (3),
 * `SETTINGS_DIFFER` (2), `SUPERSEDED` (4); what apply and release throw.
 */
export async function restart(
  context: ReleaseContext,
  { reason, dryRun }: RestartOptions,
): Promise<RestartResult> {
  const ledger = requireLedger(await context.ledger.read(), context);
  assertNotScaled(context, ledger, await requireService(context));
  const entry = whatServes(context, ledger);
  assertNotBlocked(context, ledger, entry);
  refuseBusy(context, ledger, entry);
  refuseOtherSettings(context, entry);

  const [newest] = ledger.releases;
  const begun =
    newest !== undefined &&
    UNFINISHED.includes(newest.state) &&
    newest.revision !== entry.revision &&
    isRestart(ledger, newest.revision, entry.revision);
  const { sha, digest } = entry;
  const planned = await plan(context, {
    ...{ sha, digest, restart: begun ? { begun: newest.revision } : {} },
    ...(dryRun && { pullRequest: true }),
  });
  refuseMore(planned, entry.revision);
  const result = { from: entry.revision, revision: planned.revision, review: planned.review };
  if (dryRun) return { ...result, outcome: 'planned' };
  context.progress(reviewText([planned.reviewed]));
  try {
    const { id, fingerprint } = planned;
    await apply(context, { plan: id!, fingerprint, serving: entry.revision, reason: `restart: ${reason}` });
    await release(context, { sha });
  } catch (error) {
    await putBack(context);
    throw error;
  }
  return { ...result, outcome: 'served' };
}

/**
 * After Ctrl-C too, which would else end this as well: a terminal has no next step of a job. Pressed again it kills, and
 * then the schedule's `reconcile` does it.
 */
async function putBack(context: ReleaseContext): Promise<void> {
  try {
    await reconcile({ ...context, signal: new AbortController().signal });
  } catch (error) {
    const again = `bin/lightonocr reconcile ${context.deployment.name}`;
    context.progress(`not put back, try again: ${again} (${messageOf(error)})`);
  }
}

/** The release that is meant to serve and has served. */
function whatServes(context: ReleaseContext, ledger: Ledger): ReleaseEntry {
  const { intent } = ledger;
  const entry = intent && entryOf(ledger, intent.revision);
  if (entry?.servedAt !== undefined) return entry;
  const { name } = context.deployment;
  throw new Failure({
    code: 'NOTHING_TO_RESTART',
    message: 'The ledger knows no release that serves: its image and settings are not known.',
    where: context.ledger.url,
    got: intent?.revision ?? 'no intent',
    remedy: `deploy it: bin/lightonocr plan ${name} --sha HEAD, then apply and release`,
    exitCode: 3,
  });
}

/**
 * An apply would wait for the lease, and then restart what does not serve any more. What has been applied and not yet been
 * released holds no lease: a restart would overtake it, and its release would end as superseded without having been tried.
 */
function refuseBusy(context: ReleaseContext, ledger: Ledger, { revision }: ReleaseEntry): void {
  const { deployment, actor, clock } = context;
  const lease = activeLease(ledger, clock.now());
  const other = lease?.holder === actor.holder ? undefined : lease;
  const applied = pendingRelease(ledger);
  const isOther = applied && applied.revision !== revision && !isRestart(ledger, applied.revision, revision);
  const waiting = isOther ? applied : undefined;
  if (!other && waiting === undefined) return;
  const { name } = deployment;
  throw new Failure({
    code: 'RELEASE_UNDER_WAY',
    message: 'A release is under way; it makes new instances anyway.',
    where: context.ledger.url,
    got: other
      ? `${other.holder} is at work until ${other.expiresAt}`
      : `${waiting?.revision} is applied and has no traffic yet`,
    remedy: other
      ? `wait for it; what a dead runner left ends with: bin/lightonocr reconcile ${name}`
      : `let it serve: bin/lightonocr release ${name} --sha ${waiting?.sha.slice(0, 7)}; or leave it: bin/lightonocr rollback ${name} --to ${revision} --reason TEXT`,
    exitCode: 3,
  });
}

function refuseOtherSettings(
  { deployment }: ReleaseContext,
  { digest, templateHash: served, sha }: ReleaseEntry,
): void {
  const hash = templateHash(revisionTemplate(deployment, digest));
  if (hash === served) return;
  throw new Failure({
    code: 'SETTINGS_DIFFER',
    message:
      'The settings that are checked out are not those that serve: a restart would release them unseen.',
    where: `deployments/${deployment.name}.yaml`,
    got: `template ${hash}, and ${served} serves`,
    remedy: `check out ${sha.slice(0, 7)}; or release the new settings: bin/lightonocr plan ${deployment.name} --sha HEAD`,
    exitCode: 2,
  });
}

/**
 * The code that is checked out may say more than the settings: then this is a release that somebody has to approve. After a
 * rollback the service still has the template of what was left, and all of it changes; that it is the one that serves is
 * known by its hash.
 */
function refuseMore({ reviewed }: PlanResult, serving: string): void {
  const more = reviewed.resources.flatMap(({ address, action, attributes }) => {
    if (!address.startsWith(`${SERVICE_TYPE}.`) || action !== 'update') return [`${action} ${address}`];
    const had = attributes.find(({ path }) => NAME.test(path))?.before;
    const expected = had === serving ? NAME : TEMPLATE;
    return attributes
      .filter(({ path }) => !expected.test(path) && !isVolatile(SERVICE_TYPE, path))
      .map(({ path }) => `${address} ${path}`);
  });
  if (more.length === 0) return;
  throw new Failure({
    code: 'RESTART_CHANGES_MORE',
    message: 'The plan changes more than the name of the revision.',
    where: 'the service stack',
    got: more.join(', '),
    remedy: `release that as what it is: bin/lightonocr plan ${reviewed.deployment} --sha HEAD, then apply and release`,
    exitCode: 3,
  });
}
