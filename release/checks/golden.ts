import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { characterErrorRate } from '../../domain/text/characterErrorRate';
import { Failure } from '../../domain/failure';
import { servedModelName } from '../../domain/vllmArgs';
import { createOcrClient, MAX_TIMEOUT_SECONDS, type OcrClient } from '../../ocr/client';
import { deadlineBy } from '../../ocr/clock';
import type { ReleaseContext } from '../ports/context';
import { GOLDEN_FOLDER, preparedOnce } from './goldenSet';

/** What one golden page said about whoever answers at a URL. */
export interface GoldenReading {
  readonly answered: boolean;
  /** The answer was 429: no instance could be had. */
  readonly throttled: boolean;
  /** 0 to 1; undefined without an answer. */
  readonly characterErrorRate?: number;
  readonly finishReason?: string;
  readonly seconds?: number;
  /** Why there was no answer. */
  readonly problem?: string;
}

const PAGE = join(GOLDEN_FOLDER, 'page.png');
const TEXT = join(GOLDEN_FOLDER, 'page.txt');
export const goldenText = () => readFileSync(TEXT, 'utf8');

/** A client for the service or one of its tagged URLs; the token's audience is the service's own URL for both. */
export function clientFor(
  context: Pick<ReleaseContext, 'deployment' | 'identityToken' | 'clock' | 'fetch'>,
  audience: string,
  baseUrl: string,
  options: { readonly timeoutSeconds?: number } = {},
): OcrClient {
  return createOcrClient({
    baseUrl,
    identityToken: () => context.identityToken(audience),
    model: servedModelName(context.deployment),
    modelId: context.deployment.model.id,
    timeoutSeconds: Math.min(context.deployment.requestTimeoutSeconds, MAX_TIMEOUT_SECONDS),
    maxModelLen: context.deployment.vllm.maxModelLen,
    textTokens: context.deployment.page.textTokens,
    now: context.clock.now,
    deadline: deadlineBy(context.clock),
    ...(context.fetch && { fetch: context.fetch }),
    ...options,
  });
}

/** Sends the golden page once; every failure to answer is a finding, not an error. */
export async function readGoldenPage(context: ReleaseContext, client: OcrClient): Promise<GoldenReading> {
  try {
    const prepared = await preparedOnce(PAGE, context.deployment.page.longestSidePixels);
    const { text, finishReason, seconds } = await client.readPage(prepared, context.signal);
    return {
      answered: true,
      throttled: false,
      characterErrorRate: characterErrorRate(goldenText(), text),
      finishReason,
      seconds,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return {
      answered: false,
      throttled: error.code === 'OVERLOADED',
      problem: `${error.code}: ${error.message}`,
    };
  }
}
