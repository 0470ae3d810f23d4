import { counted, duration } from '../domain/words';
import type { GoneOn } from '../operate/batch/goOn';
import type { StartedBatch } from '../operate/batch/start';
import type { BatchStatus } from '../operate/batch/status';

/** A batch that was started, for a person. */
export function startedText({ name, outcome, documents, blocks, tasks }: StartedBatch): string {
  if (outcome === 'unchanged')
    return `${name}: all ${counted(documents, 'document')} were read before, and nothing has changed; nothing was started`;
  return [
    `${name} started: ${counted(documents, 'document')} in ${counted(blocks, 'block')}, read by ${counted(tasks, 'task')}`,
    `follow it: bin/lightonocr batch status ${name} --follow`,
  ].join('\n');
}

export const goneOnText = ({ name, outcome, documents }: GoneOn): string =>
  outcome === 'nothing left'
    ? `${name}: nothing is left to read`
    : `${name} goes on with ${counted(documents, 'document')}; follow it: bin/lightonocr batch status ${name} --follow`;

const STATES = { running: 'is being read', done: 'is read', stopped: 'stands still' } as const;

/** How far a batch is, with the next command. */
export function batchStatusText(status: BatchStatus): string {
  const { name, state, documents, pages, failedPages, fromTextLayer, failures, suspects } = status;
  const { pagesPerSecond, secondsLeft } = status;
  const failed = Object.entries(failures);
  return [
    `${name} ${STATES[state]}: ${documents.done} of ${counted(documents.all, 'document')}, ${counted(pages, 'page')}`,
    `from ${status.input} to ${status.out}`,
    `by text layer: ${fromTextLayer}; by the service: ${pages - fromTextLayer}`,
    ...(pagesPerSecond === undefined
      ? []
      : [`${pagesPerSecond.toFixed(1)} pages per second since the start`]),
    ...(secondsLeft === undefined ? [] : [`about ${duration(secondsLeft)} left`]),
    ...failed.map(([code, count]) => `failed: ${counted(count, 'document')} with ${code}`),
    ...(failedPages > 0 && state !== 'running'
      ? [`read them again: bin/lightonocr batch retry-failed ${name}`]
      : []),
    ...(suspects > 0
      ? [
          `${counted(suspects, 'document')} may have been read by a revision that was put back; read them again: bin/lightonocr batch retry-failed ${name} --suspect`,
        ]
      : []),
    ...(state === 'stopped' ? [`go on: bin/lightonocr batch resume ${name}`] : []),
  ].join('\n');
}
