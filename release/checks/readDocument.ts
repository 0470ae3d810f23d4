import { readDocuments } from '../../ocr/batch';
import { documentMarkdown } from '../../ocr/markdown';
import type { PageResult } from '../../ocr/pageResult';
import { createPageReader } from '../../ocr/reader';
import { waitUntilReady } from '../../ocr/warmUp';
import type { ReleaseContext } from '../ports/context';
import { ocrService, warmUpOptions } from './ocrService';

/** Text of one document, read by whatever revision serves. Warms the service up first. */
export async function readDocument(context: ReleaseContext, file: string): Promise<string> {
  const client = await ocrService(context);
  await waitUntilReady(client, warmUpOptions(context));
  const pages: PageResult[] = [];
  const reader = createPageReader(client, { ...context.clock, warm: true });
  const { longestSidePixels } = context.deployment.page;
  for await (const page of readDocuments([file], { reader, longestSidePixels, signal: context.signal }))
    pages.push(page);
  return documentMarkdown(pages);
}
