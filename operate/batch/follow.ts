import { duration } from '../../domain/words';
import type { ReleaseContext } from '../../release/ports/context';
import { type BatchStatus, batchStatus } from './status';

const LOOK_SECONDS = 15;

/** One line of how far it is. */
export function progressLine({
  documents,
  pages,
  pagesPerSecond,
  failedPages,
  tasks,
  secondsLeft,
}: BatchStatus): string {
  const parts = [
    `${documents.done} of ${documents.all} documents, ${pages} pages`,
    ...(pagesPerSecond === undefined ? [] : [`${pagesPerSecond.toFixed(1)} per second`]),
    ...(failedPages > 0 ? [`${failedPages} failed`] : []),
    `${tasks} ${tasks === 1 ? 'task' : 'tasks'}`,
    ...(secondsLeft === undefined ? [] : [`${duration(secondsLeft)} left`]),
  ];
  return parts.join(', ');
}

/** Says how far a batch is until it ends. What follows is told from what reads: ending this ends nothing else. */
export async function followBatch(context: ReleaseContext, name: string): Promise<BatchStatus> {
  for (;;) {
    const status = await batchStatus(context, name);
    context.progress(progressLine(status));
    if (status.state !== 'running') return status;
    await context.clock.sleep(LOOK_SECONDS, context.signal);
  }
}
