import type { RollbackGoal } from '../../domain/releases/next/rollback';
import { drive } from '../driver/drive';
import type { ReleaseContext } from '../ports/context';

export type RollbackOptions = Omit<RollbackGoal, 'kind'>;

export interface RollbackResult {
  /** Revisions that had traffic and have none now. */
  readonly from: readonly string[];
  readonly to: string;
}

/**
 * Moves all traffic to an earlier revision. Waits for no approval, no lease and no canary: it raises the epoch, and a canary
 * that is under way sees that and stops. A bare one that meets a decision that is not proven finishes it.
 * @throws Failure with exit code 3 when there is nothing to go to (nothing was changed then), or when the decision stands and
 * is not finished: then it names the command that finishes it. `SUPERSEDED` (4).
 */
export const rollback = (context: ReleaseContext, options: RollbackOptions): Promise<RollbackResult> =>
  drive(context, { kind: 'rollback', ...options });
