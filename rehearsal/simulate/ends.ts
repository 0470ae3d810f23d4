import { isTransient } from '../../domain/releases/next/faults';
import type { RollbackResult } from '../../release/verbs/rollback';
import type { ReleaseResult } from '../../release/verbs/release';
import { askedShares } from './modelCloud';
import { violate } from './watch';
import type { End, World } from './state';

const PUT_BACK = ['CANARY_UNHEALTHY', 'CANARY_UNDECIDED', 'SMOKE_FAILED', 'RELEASE_BROKEN'];

/** What a process has met: whether it has written a decision, and how many calls in a row failed before it ended. */
export interface Met {
  readonly decided: boolean;
  readonly faultsInRow: number;
}

/** A command may give up once so many calls in a row have failed. */
const MANY_FAULTS = 4;

/** An exit code tells the truth: 0 only when the goal holds, 1 only when the candidate has nothing. */
export function checkEnd(world: World, name: string, end: End, process: Met): void {
  if (end.is === 'killed') return;
  if (end.is === 'defect') {
    violate(
      world,
      'no defect for faults of the world',
      `${name}: ${String((end.error as Error)?.stack ?? end.error)}`,
    );
    return;
  }
  const shares = askedShares(world.cloud.service());
  const ledger = world.cloud.ledger().ledger!;
  const isMine = (revision: string) => ledger.intent?.revision === revision && world.handAt === 0;
  if (end.is === 'done') {
    if (name.startsWith('on-call')) {
      const { to } = end.result as RollbackResult;
      const served = world.cloud
        .service()
        .trafficStatuses.find(({ revision, percent }) => revision === to && percent);
      if (isMine(to) && (shares.get(to) !== 100 || served?.percent !== 100))
        violate(world, 'exit code 0 means that the goal holds', `${name}: traffic is not on ${to}`);
    } else if (name.startsWith('deploy')) {
      const { revision, outcome } = end.result as Partial<ReleaseResult>;
      if (outcome && isMine(revision!) && shares.get(revision!) !== 100)
        violate(world, 'exit code 0 means that the goal holds', `${name}: traffic is not on ${revision}`);
    }
    return;
  }
  const { failure } = end;
  const isDriven = name.startsWith('on-call') || name.startsWith('deploy');
  if (
    isDriven &&
    process.faultsInRow < MANY_FAULTS &&
    isTransient(failure) &&
    !/gcloud run/.test(failure.remedy)
  )
    violate(world, 'a fault that passes ends no command', `${name}: ${failure.code} ${failure.message}`);
  if (failure.code === 'WRITTEN_BY_OTHERS' && world.handAt === 0)
    violate(world, 'our own writes are known as ours', `${name}: ${failure.got}`);
  if (failure.code === 'TRAFFIC_REFUSED')
    violate(world, 'a diagnosis decides nothing', `${name}: ${failure.message}`);
  if (PUT_BACK.includes(failure.code)) {
    const candidate = ledger.releases.find(({ by }) => by === name)?.revision;
    if (candidate && shares.has(candidate) && ledger.intent?.revision !== candidate && world.handAt === 0)
      violate(
        world,
        'exit code 1 means that it was put back',
        `${name}: ${candidate} has ${shares.get(candidate)} %`,
      );
  }
  if (name.startsWith('on-call') && failure.exitCode === 3) {
    const { intent } = ledger;
    const isDecided = process.decided && intent?.by === name && intent.open;
    if (
      isDecided &&
      !/gcloud run/.test(failure.remedy) &&
      !failure.remedy.includes(`--to ${intent.revision}`)
    )
      violate(world, 'a failure after the decision names what finishes it', `${name}: ${failure.toString()}`);
    const isLedger = failure.where.includes('ledger-bucket') && failure.code === 'API_403';
    if (
      isLedger &&
      name.includes('-to') &&
      !isDecided &&
      !failure.remedy.includes('gcloud run services update-traffic')
    )
      violate(world, 'without the ledger the one command is named', `${name}: ${failure.remedy}`);
  }
}
