// Run by memory.test.ts in a process of its own: reads a PDF of many scanned pages and prints its peak resident memory.
import { setTimeout as wait } from 'node:timers/promises';
import { readDocuments } from '../../ocr/batch';

async function main(file: string): Promise<void> {
  let pages = 0;
  const read = async () => {
    await wait(20);
    return {
      text: 'read',
      finishReason: 'stop',
      imageTokens: 1,
      completionTokens: 1,
      seconds: 0,
      status: 'whole',
      attempts: 1,
      warnings: [],
    } as const;
  };
  for await (const page of readDocuments([file], { reader: { read } }))
    if (page.status === 'whole') pages += 1;
  process.stdout.write(JSON.stringify({ pages, peakKib: process.resourceUsage().maxRSS }));
}

void main(process.argv[2] as string);
