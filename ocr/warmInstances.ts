import { Failure } from '../domain/failure';
import type { OcrClient } from './client';
import { encodePage } from './page';
import { waitUntilReady, type WarmUpOptions } from './warmUp';

export interface WarmInstancesOptions extends WarmUpOptions {
  /** Instances that shall run; default 1. */
  readonly instances?: number;
  /** Requests that Cloud Run sends to one instance at a time (`scaling.concurrency`). */
  readonly concurrency: number;
}

export interface WarmInstances {
  /** Until the first answer that names the model. */
  readonly seconds: number;
  readonly sent: number;
  /** Requests that brought an answer. Cloud Run does not say which instance gave it. */
  readonly answered: number;
  /** Codes of those that did not. */
  readonly failures: readonly string[];
}

/**
 * Waits until the service is ready, then makes Cloud Run start more instances in the only way there is: more requests at a
 * time than fewer instances may hold, (n − 1) × concurrency + 1 of them, each a white page and one token.
 * @throws what `waitUntilReady` throws. A request that fails is counted.
 */
export async function warmInstances(
  client: OcrClient,
  { instances = 1, concurrency, ...options }: WarmInstancesOptions,
): Promise<WarmInstances> {
  const seconds = await waitUntilReady(client, options);
  const page = await whitePage();
  const sent = (instances - 1) * concurrency + 1;
  const failures: string[] = [];
  await Promise.all(
    Array.from({ length: sent }, () =>
      client.readPage(page, options.signal, { maxTokens: 1 }).catch((error: unknown) => {
        options.signal?.throwIfAborted();
        if (!(error instanceof Failure)) throw error;
        failures.push(error.code);
      }),
    ),
  );
  return { seconds, sent, answered: sent - failures.length, failures };
}

/** 280×280 px: a hundred tokens. */
function whitePage() {
  const [width, height] = [280, 280];
  return encodePage({ pixels: Buffer.alloc(width * height, 255), width, height, channels: 1 });
}
