import type { Action } from './action';
import { converge, isScaleHeld, settle, watchApply } from './converge';
import { noService, superseded } from './failures';
import type { Run } from './run';
import { type Snapshot, valueOf } from './snapshot';

/** The service scales as the ledger's override says; ends with the service. */
export interface ScaleGoal {
  readonly kind: 'scale';
  /** Of the decision about the scale. */
  readonly epoch: number;
}

export function nextOfScale(run: Run, seen: Snapshot, { epoch }: ScaleGoal, now: number): Action {
  const service = valueOf(seen.service);
  const ledger = valueOf(seen.ledger);
  if (service === undefined) return { do: 'fail', failure: noService(run) };
  const scale = ledger?.scale;
  // After a restore the ledger is free of it.
  if (ledger && scale === undefined && run.facts.settled) return { do: 'finish', result: service };
  if (ledger === undefined || scale?.epoch !== epoch) {
    const isOver = !ledger || !run.write?.accepted || isScaleHeld(ledger, service);
    const back = isOver ? undefined : converge(run, service, { ledger }, now);
    return back ?? { do: 'fail', failure: superseded(run, ledger!) };
  }
  const needsRevisions = scale.restoring === true && scale.before.tags.length > 0;
  if (needsRevisions && seen.revisions === undefined) return { do: 'read', need: { revisions: true } };
  const ready = seen.revisions ? (valueOf(seen.revisions) ?? []).filter(({ ready }) => ready === 'yes') : [];
  const exists = (revision: string) => !needsRevisions || ready.some(({ name }) => name === revision);
  const move = converge(run, service, { ledger, fence: true, exists }, now);
  if (move) return move;
  const settled = settle(ledger, service, now, exists);
  if (settled?.do === 'record') return { ...settled, learn: { settled: true } };
  return watchApply(run, ledger, service, now) ?? { do: 'finish', result: service };
}
