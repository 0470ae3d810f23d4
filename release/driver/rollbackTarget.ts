import { Failure } from '../../domain/failure';
import { isOfRelease, type Ledger } from '../../domain/releases/ledger';
import { previousGood } from '../../domain/releases/rollbackTarget';
import { activeRelease } from '../../domain/releases/activeRelease';
import type { RevisionState } from '../../domain/releases/revisions';
import { SHA_LABEL } from '../../domain/template';
import { servingRevision, sharesOf } from '../../domain/releases/traffic';
import { unknownRevision } from '../../domain/service/unknownRevision';
import type { Service } from '../adapters/google/cloudRun';
import type { ReleaseContext } from '../ports/context';

/** Where a rollback goes, checked: the revision is Ready and its image is still in the registry. */
export async function rollbackTarget(
  context: ReleaseContext,
  service: Service,
  ledger: Ledger | undefined,
  to: string | undefined,
): Promise<RevisionState> {
  const name = to === undefined ? await previous(context, service, ledger) : await named(context, ledger, to);
  const target = await context.cloudRun.revision(name);
  if (target === undefined && to !== undefined) throw unknownRevision(context.deployment, name);
  if (target?.ready !== 'yes') {
    const got = target?.condition ?? 'the revision does not exist';
    throw refused(context, 'TARGET_NOT_READY', name, got, servedBefore(ledger, name));
  }
  const digest = target.image.slice(target.image.indexOf('@') + 1);
  if (!(await context.registry.has(digest))) {
    const got = `${digest} is no longer in the registry`;
    throw refused(context, 'IMAGE_GONE', name, got, servedBefore(ledger, name));
  }
  return target;
}

/**
 * Without a target: first finish the rollback that was begun, then leave what is on its way in, then go one release back.
 * An unfinished intent is a rollback that was killed half-way, unless it is a release's own: that one is being left. Two
 * serving revisions are a canary; so is one, when a release that is under way has all traffic and is not meant to yet.
 */
async function previous(
  context: ReleaseContext,
  service: Service,
  ledger: Ledger | undefined,
): Promise<string> {
  if (ledger === undefined) {
    const got = 'there is no ledger to say what was good';
    throw refused(context, 'NO_LEDGER', context.ledger.url, got, await othersReady(context, service));
  }
  const { intent } = ledger;
  if (intent && intent.settledAt === undefined && !isOfRelease(ledger, intent)) return intent.revision;
  const shares = sharesOf(service.trafficStatuses);
  const serving = servingRevision(context.deployment.service, service.trafficStatuses, intent?.revision);
  if (shares.size > 1 && serving !== undefined) return serving;
  const isCandidate = intent?.revision !== serving && activeRelease(ledger)?.revision === serving;
  if (intent && isCandidate) return intent.revision;
  const good = previousGood(ledger, serving);
  if (good) return good.revision;
  const got = noneEarlier(ledger, serving);
  throw refused(
    context,
    'NO_EARLIER_REVISION',
    serving ?? 'nothing serves',
    got,
    servedBefore(ledger, serving),
  );
}

const MOST_NAMED = 5;

/** Without a ledger: the newest revisions that could serve and do not. */
async function othersReady({ cloudRun }: ReleaseContext, { trafficStatuses }: Service): Promise<string[]> {
  const serving = sharesOf(trafficStatuses);
  const revisions = await cloudRun.revisions();
  return revisions
    .filter(({ name, ready }) => ready === 'yes' && !serving.has(name))
    .slice(0, MOST_NAMED)
    .map(({ name }) => name);
}

/** Revisions that have served, other than the one that serves; newest first. */
function servedBefore(ledger: Ledger | undefined, serving: string | undefined): string[] {
  const served = ledger?.releases.filter(({ servedAt, revision }) => servedAt && revision !== serving) ?? [];
  return [...new Set(served.map(({ revision }) => revision))];
}

function noneEarlier(ledger: Ledger, serving: string | undefined): string {
  const others = servedBefore(ledger, serving).map((revision) => {
    const hold = ledger.holds.find((held) => held.revision === revision);
    return hold ? `${revision} is held (${hold.reason})` : `${revision} is newer`;
  });
  return others.join(', ') || 'no other revision has served';
}

/** A revision by its name, or the newest one of a SHA; of several the one that served, since a restart may have failed after it. */
async function named(context: ReleaseContext, ledger: Ledger | undefined, to: string): Promise<string> {
  if (to.startsWith(`${context.deployment.service}-`)) return to;
  const ofSha = ledger?.releases.filter(({ sha, state }) => sha.startsWith(to) && state !== 'failed') ?? [];
  const entry = ofSha.find(({ servedAt }) => servedAt !== undefined) ?? ofSha[0];
  if (entry) return entry.revision;
  const revisions = await context.cloudRun.revisions();
  const labelled = revisions.find(
    ({ labels, ready }) => ready === 'yes' && labels[SHA_LABEL]?.startsWith(to),
  );
  if (labelled) return labelled.name;
  throw unknownRevision(context.deployment, `${to}, which is no released commit either`);
}

function refused(
  context: ReleaseContext,
  code: string,
  where: string,
  got: string,
  others: readonly string[],
): Failure {
  const candidates = others.join(', ') || `see bin/lightonocr revisions ${context.deployment.name}`;
  return new Failure({
    code,
    message: 'The rollback has no target that it may go to; traffic is where it was.',
    where,
    got,
    remedy: `name one: bin/lightonocr rollback ${context.deployment.name} --to REVISION --reason TEXT (candidates: ${candidates})`,
    exitCode: 3,
  });
}
