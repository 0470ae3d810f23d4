import { appendFile, readFile, stat } from 'node:fs/promises';
import { Failure, messageOf } from '../domain/failure';
import { systemFailure } from '../domain/systemFailure';
import { jobSummary } from '../domain/jobSummary';
import type { TrafficMoment } from '../domain/releases/trafficHistory';
import type { ReleaseContext } from '../release/ports/context';
import { formatError } from './formatError';

/** A step's summary that is longer is dropped as a whole (https://docs.github.com/actions/reference/workflow-commands). */
const LONGEST_STEP_SUMMARY = 1024 * 1024;
const NO_ROOM = '\n**There is more in the log of this step than a summary holds.**\n';

/** Appends to the summary of a workflow's step, as long as there is room; outside a workflow it does nothing. */
export async function appendSummary(
  markdown: string,
  file: string | undefined = process.env.GITHUB_STEP_SUMMARY,
): Promise<void> {
  if (!file) return;
  const written = await stat(file).catch(() => ({ size: 0 }));
  const text = `${markdown}\n`;
  const fits = written.size + Buffer.byteLength(text) + NO_ROOM.length <= LONGEST_STEP_SUMMARY;
  if (fits) return appendFile(file, text);
  // Once: the room for it was kept.
  if (
    written.size + NO_ROOM.length <= LONGEST_STEP_SUMMARY &&
    !(await readFile(file, 'utf8')).endsWith(NO_ROOM)
  )
    await appendFile(file, NO_ROOM);
}

/** What a summary says of a command that went well. */
export interface Done {
  readonly text: string;
  readonly details?: string;
  readonly data: object;
  readonly failure?: Failure;
  /** It could not look at everything: its summary shows no green check. */
  readonly unsure?: boolean;
  /** False: it is a step of another command's work, and no summary tells of it. */
  readonly summary?: boolean;
}

/**
 * Runs a verb and says in the step's summary what it did, with a picture of the traffic that it moved. A summary that cannot
 * be written is no reason to fail: the command's outcome stands.
 */
export async function summarized<T extends Done>(
  command: string,
  context: ReleaseContext,
  run: (context: ReleaseContext) => Promise<T>,
  file: string | undefined = process.env.GITHUB_STEP_SUMMARY,
): Promise<T> {
  if (!file) return run(context);
  const started = context.clock.now();
  const { watched, traffic } = watchTraffic(context);
  const append = async ({ done, error = done?.failure }: { done?: T; error?: unknown }) => {
    // A rollback calls its revision `to`.
    const {
      to,
      revision = to,
      build,
    } = (done?.data ?? {}) as Record<'to' | 'revision' | 'build', string | undefined>;
    const text = jobSummary({
      command,
      deployment: context.deployment,
      seconds: (context.clock.now().getTime() - started.getTime()) / 1000,
      traffic,
      ...(done && { text: done.text }),
      ...(done?.unsure && { unsure: true }),
      ...(done?.details !== undefined && { details: done.details }),
      ...(error instanceof Failure && { failure: error }),
      ...(error !== undefined && !(error instanceof Failure) && { ended: formatError(error) }),
      ...(revision !== undefined && { revision }),
      ...(build !== undefined && { build }),
      ...(context.actor.runUrl !== undefined && { runUrl: context.actor.runUrl }),
    });
    await appendSummary(text, file).catch((error: unknown) =>
      context.progress(`the summary could not be written: ${messageOf(error)}`),
    );
  };
  try {
    const done = await run(watched);
    if (done.summary !== false) await append({ done });
    return done;
  } catch (thrown) {
    const error = systemFailure(thrown) ?? thrown;
    await append({ error });
    throw error;
  }
}

/** The same context, which notes each traffic that it writes; what was there before the first write comes in front. */
function watchTraffic(context: ReleaseContext): { watched: ReleaseContext; traffic: TrafficMoment[] } {
  const traffic: TrafficMoment[] = [];
  const { cloudRun, clock } = context;
  let before: TrafficMoment | undefined;
  const now = () => clock.now().toISOString();
  return {
    traffic,
    watched: {
      ...context,
      cloudRun: {
        ...cloudRun,
        async service(...args) {
          const service = await cloudRun.service(...args);
          if (service) before ??= { at: now(), traffic: service.trafficStatuses };
          return service;
        },
        async writeTraffic(...args) {
          const written = await cloudRun.writeTraffic(...args);
          if (traffic.length === 0 && before) traffic.push(before);
          traffic.push({ at: now(), traffic: args[0] });
          return written;
        },
      },
    },
  };
}
