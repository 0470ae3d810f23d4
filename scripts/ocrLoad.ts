import { readDocuments } from '../ocr/batch';
import { createOcrClient } from '../ocr/client';
import { openDocument } from '../ocr/document';
import { createPageReader } from '../ocr/reader';

/** What one run prints, as JSON. */
export interface Load {
  readonly pages: number;
  readonly seconds: number;
  /** Of the whole process, at its highest. */
  readonly peakMib: number;
}

const MODEL = 'bench';
const WINDOW = 8;

/** The client as a batch uses it: rendering, requests and order. */
async function client(baseUrl: string, file: string): Promise<number> {
  const reader = createPageReader(createOcrClient({ baseUrl, model: MODEL, identityToken: async () => 't' }));
  let pages = 0;
  for await (const page of readDocuments([file], { reader, window: WINDOW }))
    if (page.status === 'whole') pages += 1;
  return pages;
}

/** The same requests, made beforehand and sent by as many loops: nothing is rendered, checked, retried or ordered. */
async function bare(baseUrl: string, bodies: readonly string[]): Promise<number> {
  let next = 0;
  let answered = 0;
  const loop = async () => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${baseUrl}/v1/chat/completions`, { method: 'POST', headers, body });
      await response.json();
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, loop));
  return answered;
}

async function bodiesOf(file: string): Promise<string[]> {
  const document = await openDocument(file);
  const bodies: string[] = [];
  for (let number = 1; number <= document.pageCount; number++) {
    const page = await document.page(number);
    if (page.kind !== 'image') continue;
    const url = `data:image/png;base64,${page.image.data.toString('base64')}`;
    const messages = [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }];
    bodies.push(JSON.stringify({ model: MODEL, messages, max_tokens: 4096, temperature: 0.2, top_p: 0.9 }));
  }
  return bodies;
}

async function main([how, baseUrl = '', file = '']: readonly string[]): Promise<void> {
  const bodies = how === 'bare' ? await bodiesOf(file) : [];
  const started = performance.now();
  const pages = how === 'bare' ? await bare(baseUrl, bodies) : await client(baseUrl, file);
  const seconds = (performance.now() - started) / 1000;
  const load: Load = { pages, seconds, peakMib: process.resourceUsage().maxRSS / 1024 };
  process.stdout.write(JSON.stringify(load));
}

if (require.main === module) void main(process.argv.slice(2));
