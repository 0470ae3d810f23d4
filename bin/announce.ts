import { Failure, messageOf } from '../domain/failure';
import { type Announcement, webhookBody } from '../domain/releases/announcement';
import type { ReleaseContext } from '../release/ports/context';

/** Those after which something else may serve. */
const ANNOUNCED = ['release', 'rollback', 'restart', 'scale'];
const PATIENCE_MILLISECONDS = 10_000;

export interface AnnounceOptions {
  /** `LIGHTONOCR_WEBHOOK`: where it is posted; none: nothing is. */
  readonly url?: string;
  readonly reason?: string;
  /** Default Node's. */
  readonly fetch?: typeof fetch;
}

/**
 * Runs a command and tells a webhook how it ended. A message that cannot be sent is said and changes nothing: the command's
 * outcome stands. The webhook's address is a secret and is never printed.
 */
export async function announced<T extends { readonly text: string; readonly failure?: Failure }>(
  command: string,
  context: ReleaseContext,
  { url, reason, fetch = globalThis.fetch }: AnnounceOptions,
  run: () => Promise<T>,
): Promise<T> {
  if (!url || !ANNOUNCED.includes(command)) return run();
  const tell = async (end: Pick<Announcement, 'outcome' | 'text'>) => {
    const { deployment, actor, cloudRun, progress } = context;
    try {
      const service = await cloudRun.service().catch(() => undefined);
      const body = webhookBody(new URL(url), {
        ...{ deployment: deployment.name, command, ...end, by: actor.by },
        ...(reason !== undefined && { reason }),
        ...(service && { traffic: service.trafficStatuses }),
        ...(actor.runUrl !== undefined && { runUrl: actor.runUrl }),
      });
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
      });
      if (!response.ok) progress(`the webhook answered HTTP ${response.status}: nobody was told`);
    } catch (error) {
      progress(`nobody was told: ${messageOf(error).replaceAll(url, 'the webhook')}`);
    }
  };
  try {
    const done = await run();
    await tell(done.failure ? endOf(done.failure) : { outcome: 'done', text: done.text });
    return done;
  } catch (error) {
    await tell(endOf(error));
    throw error;
  }
}

const endOf = (error: unknown): Pick<Announcement, 'outcome' | 'text'> => ({
  outcome: error instanceof Failure && error.exitCode === 4 ? 'superseded' : 'failed',
  text: error instanceof Failure ? `${error.code}: ${error.message}` : messageOf(error),
});
