import { batchObjects, type Manifest } from '../../../domain/batch/manifest';
import { blockCutter } from '../../../domain/batch/blocks';
import { sha256 } from '../../../domain/canonical';
import { readShare, type SharePorts } from '../../../operate/batch/readShare';
import { batchStore } from '../../../operate/batch/store';
import { listObjects } from '../../../release/adapters/google/objects';
import { systemClock } from '../../../ocr/clock';
import type { PageReading } from '../../../ocr/reader';
import type { CallApi } from '../../../release/adapters/google/googleApi';
import { pdfOf } from '../../ocr/documents';
import { type Folder, openFolder } from './folder';
import { parseLines, resultSchema } from '../../../operate/batch/schemas';

const SERVICE = {
  ...{ url: 'http://service', model: 'm', modelId: 'lightonai/LightOnOCR-2-1B', maxModelLen: 8192 },
  ...{ textTokens: 4096, longestSidePixels: 200, timeoutSeconds: 120, coldStartSeconds: 480 },
  ...{ revision: 'r-1', image: 'i@sha256:1', pagesAtOnce: 4 },
};
const OBJECTS = batchObjects('out/');

describe('readShare', () => {
  let folder: Folder;
  let manifest: Manifest;
  /** Pages that were sent. */
  let sent: number;
  let calls: string[];
  const ended: string[] = [];

  beforeEach(async () => {
    folder = await openFolder('docs', 'texts');
    await folder.put('docs', 'in/a', await pdfOf(['digital', 'scanned']));
    await folder.put('docs', 'in/a-z.pdf', await pdfOf(['scanned']));
    await folder.put('docs', 'in/b.pdf', 'no PDF');
    await folder.put('docs', 'in/c.pdf', await pdfOf(['scanned', 'digital', 'scanned']));
    manifest = await manifestOf(2);
    sent = 0;
    calls = [];
    ended.length = 0;
  });
  afterEach(() => folder.cloud.stop());

  async function manifestOf(documentsABlock: number): Promise<Manifest> {
    const cutter = blockCutter(1000, documentsABlock);
    const blocks = [];
    for await (const page of listObjects(folder.context.call, { bucket: 'docs', prefix: 'in/' }))
      for (const { name, generation, bytes } of page) {
        const filled = cutter.add({ name, generation, bytes, pages: 1 });
        if (filled) blocks.push(filled);
      }
    blocks.push(cutter.end()!);
    for (const { block, documents } of blocks) {
      const content = documents.map((document) => `${JSON.stringify(document)}\n`).join('');
      await folder.put('texts', OBJECTS.block(block.id), content);
    }
    return {
      ...{ schema: 1, name: 'n', deployment: 'd', input: 'gs://docs/in/', out: 'gs://texts/out/' },
      ...{ startedAt: '2026-01-01T00:00:00Z', service: SERVICE, documents: 4, bytes: 0, pages: 4 },
      ...{ listing: '', blocks: blocks.map(({ block }) => block), passedOver: 0 },
    };
  }

  const reading = async (text: string): Promise<PageReading> => ({
    ...{ text, status: 'whole', warnings: [], finishReason: 'stop' },
    ...{ imageTokens: 1, completionTokens: 1, seconds: 1, attempts: 1 },
  });

  function share(
    change: Partial<SharePorts> & {
      suspects?: string[];
      poison?: string[];
      task?: number;
      tasks?: number;
    } = {},
  ) {
    const { suspects = [], poison = [], task = 0, tasks = 1, ...ports } = change;
    const signal = change.signal ?? new AbortController().signal;
    const call: CallApi = (api, request) => {
      calls.push(`${request.method ?? 'GET'} ${request.path}`);
      return folder.context.call(api, request);
    };
    const options = { ...systemClock, signal, random: () => 0, progress: () => undefined };
    return readShare(
      {
        ...{ ...systemClock, signal, window: 4, limit: () => 4, onBegin: () => undefined },
        ...{ onEnd: (name: string) => void ended.push(name), onTasks: () => undefined },
        input: batchStore(call, { bucket: 'docs' }, options),
        out: batchStore(call, { bucket: 'texts' }, options),
        reader: {
          read: (page) => {
            sent += 1;
            return reading(`picture ${sha256(page.data)}`);
          },
        },
        ...ports,
      },
      manifest,
      { suspects, poison, task, tasks },
    );
  }
  const text = (name: string) => folder.cloud.storage.read('texts', name)?.content.toString();
  const names = () =>
    folder.cloud.storage.list('texts')!.filter((name) => !name.startsWith('out/_batch/blocks/'));
  const results = () =>
    names()
      .filter((name) => name.startsWith(OBJECTS.results))
      .flatMap((name) => parseLines(text(name)!, resultSchema));

  test('writes every document beside the others, with what made it, and a manifest of results', async () => {
    expect(await share()).toMatchObject({ documents: 4, pages: 6, failed: 1, done: true });
    expect(names()).toEqual([
      ...['out/_batch/results/00001.jsonl', 'out/_batch/results/00002.jsonl'],
      ...['out/a-z.pdf.jsonl', 'out/a-z.pdf.md', 'out/a.jsonl', 'out/a.md'],
      ...['out/b.pdf.jsonl', 'out/b.pdf.md', 'out/c.pdf.jsonl', 'out/c.pdf.md'],
    ]);
    const [page] = text('out/a-z.pdf.jsonl')!.split('\n');
    expect(JSON.parse(page!)).toMatchObject({
      ...{ document: 'gs://docs/in/a-z.pdf', page: 1, source: 'ocr', status: 'whole', finishReason: 'stop' },
      ...{ model: 'm', revision: 'r-1', image: 'i@sha256:1', longestSidePixels: 200 },
    });
    expect(
      results().map(({ document, pages, whole, failed, code }) => [document, pages, whole, failed, code]),
    ).toEqual([
      ['in/a', 2, 2, 0, undefined],
      ['in/a-z.pdf', 1, 1, 0, undefined],
      ['in/b.pdf', 0, 0, 1, 'UNREADABLE_DOCUMENT'],
      ['in/c.pdf', 3, 3, 0, undefined],
    ]);
    expect(results().map(({ jsonl, sha256: sum }) => sha256(text(jsonl!)!) === sum)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test('reads nothing twice, however often it is started', async () => {
    await share();
    expect(sent).toBe(4);
    await share();
    expect(sent).toBe(4);
    await folder.context.call('storage', {
      method: 'DELETE',
      path: `/storage/v1/b/texts/o/${encodeURIComponent('out/_batch/results/00001.jsonl')}`,
    });
    await share();
    expect(sent).toBe(4);
    expect(results()).toHaveLength(4);
  });

  test("goes on after a kill between a document's two objects", async () => {
    await share();
    for (const name of ['out/a.md', 'out/_batch/results/00001.jsonl'])
      await folder.context.call('storage', {
        method: 'DELETE',
        path: `/storage/v1/b/texts/o/${encodeURIComponent(name)}`,
      });
    await share();
    expect(sent).toBe(4);
    expect(text('out/a.md')).toContain('picture');
  });

  test('takes a share that no other task takes', async () => {
    await share({ task: 1, tasks: 2 });
    const first = results().map(({ document }) => document);
    await share({ task: 0, tasks: 2 });
    expect(first).toHaveLength(2);
    expect(results()).toHaveLength(4);
    expect(sent).toBe(4);
  });

  test('costs at most two operations of storage a document beyond reading and writing it', async () => {
    await share();
    const own = calls.filter((call) => !/\/o\/in%2F|upload.*|\/o\/out%2F[^_]/.test(call));
    const blocks = manifest.blocks.length;
    // Of a block: it, its results' names, its parts, and its result, which is an upload. Of a task: results, progress.
    expect(own.length).toBeLessThanOrEqual(3 * blocks + 5);
  });

  test('gives up a document that ended the process, without opening it', async () => {
    await share({ poison: ['gs://docs/in/c.pdf'] });
    expect(sent).toBe(2);
    expect(results().find(({ document }) => document === 'in/c.pdf')).toMatchObject({
      failed: 1,
      code: 'DOCUMENT_CRASHES',
    });
  });

  test('reads a suspect alone', async () => {
    const underWay = new Set<string>();
    let beside = 0;
    await share({
      suspects: ['gs://docs/in/c.pdf'],
      onBegin: (name) => {
        underWay.add(name);
        if (underWay.has('gs://docs/in/c.pdf')) beside = Math.max(beside, underWay.size);
      },
      onEnd: (name) => void underWay.delete(name),
    });
    expect(beside).toBe(1);
  });

  test('says so of a version that is gone since the listing', async () => {
    await folder.context.call('storage', { method: 'DELETE', path: '/storage/v1/b/docs/o/in%2Fc.pdf' });
    await share();
    expect(results().find(({ document }) => document === 'in/c.pdf')).toMatchObject({
      failed: 1,
      code: 'DOCUMENT_GONE',
    });
  });
});
