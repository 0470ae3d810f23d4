import { readDocuments } from '../ocr/batch';
import { createOcrClient } from '../ocr/client';
import { openDocument } from '../ocr/document';
import type { PageResult } from '../ocr/pageResult';
import { createPageReader } from '../ocr/reader';

/** What one run prints, as JSON. */
export interface Load {
  readonly pages: number;
  readonly seconds: number;
  /**
   * Pages per second from the first window's last answer to the end. Filling the window is left out: the bare loop has its
   * pages before it starts, and the longer the document, the less it counts.
   */
  readonly sustained: number;
  /** Of the whole process, at its highest. */
  readonly peakMib: number;
}

const MODEL = 'bench';
const WINDOW = 8;

/** The client as a batch uses it: rendering, requests and order. */
async function client(baseUrl: string, file: string, answered: () => void): Promise<void> {
  const reader = createPageReader(createOcrClient({ baseUrl, model: MODEL, identityToken: async () => 't' }));
  const onPage = ({ status }: PageResult) => void (status === 'whole' && answered());
  for await (const _page of readDocuments([file], { reader, window: WINDOW, onPage }));
}

/** The same requests, made beforehand and sent by as many loops: nothing is rendered, checked, retried or ordered. */
async function bare(baseUrl: string, bodies: readonly string[], answered: () => void): Promise<void> {
  let next = 0;
  const loop = async () => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${baseUrl}/v1/chat/completions`, { method: 'POST', headers, body });
      await response.json();
      answered();
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, loop));
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

export async function main([, , how, baseUrl = '', file = '']: readonly string[]): Promise<void> {
  const bodies = how === 'bare' ? await bodiesOf(file) : [];
  const started = performance.now();
  const times: number[] = [];
  const answered = () => void times.push((performance.now() - started) / 1000);
  await (how === 'bare' ? bare(baseUrl, bodies, answered) : client(baseUrl, file, answered));
  const [first = 0, last = 0] = [times[WINDOW - 1], times.at(-1)];
  const sustained = (times.length - WINDOW) / (last - first);
  const peakMib = process.resourceUsage().maxRSS / 1024;
  const load: Load = { pages: times.length, seconds: last, sustained, peakMib };
  process.stdout.write(JSON.stringify(load));
}
