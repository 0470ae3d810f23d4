import type { OcrClient } from '../ocr/client';
import { type WarmUpOptions } from '../ocr/warmUp';
import type { ReleaseContext } from './context';
import { clientFor } from './golden';
import { needService } from './moveTraffic';

/** A client for whatever revision serves. */
export async function ocrService(context: ReleaseContext): Promise<OcrClient> {
  const { uri } = await needService(context);
  return clientFor(context, uri, uri);
}

/** How a caller waits for a cold start: the deployment's budget, and a line for each answer that is not the model. */
export function warmUpOptions(context: ReleaseContext, budgetSeconds?: number): WarmUpOptions {
  return {
    ...context.clock,
    budgetSeconds: budgetSeconds ?? context.deployment.release.smoke.coldStartSeconds,
    signal: context.signal,
    onWait: (seconds, answer) =>
      context.progress(`waiting for the model, ${seconds.toFixed(0)} s (${answer})`),
  };
}
