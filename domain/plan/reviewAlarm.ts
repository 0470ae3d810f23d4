import type { Deployment } from '../deployment';
import type { StackKind } from '../names';
import type { ResourceChange } from './plan';

/** A change that a reviewer must not miss: it opens something, gives power away, or takes a defence out. */
export interface ReviewAlarm {
  /** As the first line of the review and the list below it say it. */
  readonly words: string;
  /**
   * True where one resource's change is such a one. Most look at what will be, and so hold for a create too, since nothing that
   * the stacks make is like that; those that compare with what was are silent for a create.
   */
  readonly holds: (change: ResourceChange, deployment: Deployment, stack: StackKind) => boolean;
}
