import { preparePage } from '../ocr/page';
import { waitUntilReady } from '../ocr/warmUp';
import type { ReleaseContext } from './context';
import { clientFor } from './golden';
import { needService } from './moveTraffic';

/** Text of one page image, read by whatever revision serves. Warms the service up first. */
export async function readDocument(context: ReleaseContext, file: string): Promise<string> {
  const { page, release } = context.deployment;
  const prepared = await preparePage(file, { longestSidePixels: page.longestSidePixels });
  const { uri } = await needService(context);
  const client = clientFor(context, uri, uri);
  await waitUntilReady(client, {
    ...context.clock,
    budgetSeconds: release.smoke.coldStartSeconds,
    signal: context.signal,
    onWait: (seconds, answer) =>
      context.progress(`waiting for the model, ${seconds.toFixed(0)} s (${answer})`),
  });
  const { text, finishReason } = await client.readPage(prepared, context.signal);
  if (finishReason !== 'stop') context.progress(`${file} is not whole: finish_reason ${finishReason}`);
  return text;
}
