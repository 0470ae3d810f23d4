import { Failure } from '../../domain/failure';
import { isStopped } from '../../domain/scale/scale';
import { deadlineBy } from '../../ocr/clock';
import type { OcrClient } from '../../ocr/client';
import { waitLines } from '../../ocr/waitLines';
import { type WarmUpOptions } from '../../ocr/warmUp';
import type { ReleaseContext } from '../ports/context';
import { clientFor } from './golden';
import { requireService } from './requireService';

/** A client for whatever revision serves. */
export async function ocrService(context: ReleaseContext): Promise<OcrClient> {
  const { uri, scaling } = await requireService(context);
  // Nothing will start, however long one waits.
  if (isStopped(undefined, scaling)) throw stopped(context);
  return clientFor(context, uri, uri);
}

function stopped({ deployment }: ReleaseContext): Failure {
  return new Failure({
    code: 'SERVICE_STOPPED',
    message: 'The service is stopped: no instance starts.',
    where: `service ${deployment.service}`,
    remedy: `see who stopped it, and why: bin/lightonocr status ${deployment.name}; to put it back: bin/lightonocr scale ${deployment.name} restore`,
    exitCode: 3,
  });
}

/** How a caller waits for a cold start: the deployment's budget, and a line now and then. */
export function warmUpOptions(context: ReleaseContext, budgetSeconds?: number): WarmUpOptions {
  return {
    ...context.clock,
    deadline: deadlineBy(context.clock),
    budgetSeconds: budgetSeconds ?? context.deployment.release.smoke.coldStartSeconds,
    signal: context.signal,
    onWait: waitLines(context.progress),
  };
}
