import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { openDocument } from '../../../ocr/document';
import type { ObjectStore } from '../../../ocr/inputs/bucket';
import { findInputs } from '../../../ocr/inputs/findInputs';
import { linesPdf } from '../documents';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inputs-'));
  mkdirSync(join(folder, 'sub'));
  for (const name of ['a.pdf', 'b.png', 'sub/c.pdf', '.hidden.pdf', '[1].pdf'])
    writeFileSync(join(folder, name), name);
});
afterEach(() => rmSync(folder, { recursive: true }));

const noObjects = (): ObjectStore => {
  throw new Error('no bucket is asked for');
};
/** The bucket `scans`. */
const bucketOf = (contents: Readonly<Record<string, Buffer>>): ObjectStore => ({
  list: async (bucket, prefix) =>
    Object.entries(contents)
      .filter(([name]) => bucket === 'scans' && name.startsWith(prefix))
      .map(([name, { length }]) => ({ name, bytes: length, generation: '1' }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
  read: async (_bucket, { name }) => contents[name],
});
const names = async (given: readonly string[], options = {}) =>
  (await findInputs(given, { objects: noObjects, ...options })).map(({ name }) =>
    name.replace(`${folder}/`, ''),
  );

describe('findInputs', () => {
  test.each<[given: readonly string[], found: readonly string[]]>([
    [['a.pdf'], ['a.pdf']],
    [
      ['a.pdf', 'a.pdf', '*.pdf'],
      ['a.pdf', '[1].pdf'],
    ],
    [['[1].pdf'], ['[1].pdf']],
    [['**/*.pdf'], ['[1].pdf', 'a.pdf', 'sub/c.pdf']],
    [['{a,b}.*'], ['a.pdf', 'b.png']],
    [['.'], ['[1].pdf', 'a.pdf', 'b.png', 'sub/c.pdf']],
  ])('%j stands for %j', async (given, found) => {
    expect(await names(given.map((name) => join(folder, name)))).toEqual(found);
  });

  test('- is standard input', async () => {
    expect(await names(['-'])).toEqual(['/dev/stdin']);
  });

  test('a link to a file is a file of its folder, one that leads nowhere is none', async () => {
    symlinkSync(join(folder, 'a.pdf'), join(folder, 'sub', 'link.pdf'));
    symlinkSync(join(folder, 'gone'), join(folder, 'sub', 'dead.pdf'));
    expect(await names([join(folder, 'sub')])).toEqual(['sub/c.pdf', 'sub/link.pdf']);
  });

  test.each(['none.pdf', '*.tif', 'gs://bucket/none'])(
    'rejects %s, which stands for nothing',
    async (name) => {
      const where = name.startsWith('gs') ? name : join(folder, name);
      await expect(names([where], { objects: () => bucketOf({}) })).rejects.toMatchObject({
        code: 'NO_SUCH_FILE',
        where,
      });
    },
  );
});

describe('findInputs in a bucket', () => {
  const contents: Record<string, Buffer> = {
    'in/': Buffer.alloc(0),
    'in/a.pdf': Buffer.from('a'),
    'in/deep/b.tif': Buffer.from('b'),
    'in/post.zip': Buffer.from(zipSync({ 'x.pdf': Buffer.from('x') })),
    'index.pdf': Buffer.from('i'),
  };
  const storage = bucketOf(contents);
  const found = (name: string) => names([name], { objects: () => storage });

  test.each<[name: string, found: readonly string[]]>([
    ['gs://scans/in/a.pdf', ['gs://scans/in/a.pdf']],
    ['gs://scans/in', ['gs://scans/in/a.pdf', 'gs://scans/in/deep/b.tif', 'gs://scans/in/post.zip/x.pdf']],
    ['gs://scans/in/*.pdf', ['gs://scans/in/a.pdf']],
    [
      'gs://scans/**/*.{pdf,tif}',
      ['gs://scans/in/a.pdf', 'gs://scans/in/deep/b.tif', 'gs://scans/index.pdf'],
    ],
    ['gs://scans/i*.pdf', ['gs://scans/index.pdf']],
  ])('%s stands for %j', async (name, expected) => {
    expect(await found(name)).toEqual(expected);
  });

  test('reads an object when its turn comes, and says when it is gone', async () => {
    contents['page.pdf'] = await linesPdf(['The text of an object.']);
    const [input] = await findInputs(['gs://scans/page.pdf'], { objects: () => storage });
    const document = await openDocument(input!.source());
    expect(document.name).toBe('gs://scans/page.pdf');
    expect(await document.page(1)).toMatchObject({ text: 'The text of an object.' });
    delete contents['page.pdf'];
    await expect(openDocument(input!.source())).rejects.toMatchObject({ code: 'DOCUMENT_NOT_FETCHED' });
  });
});

describe('findInputs on the web', () => {
  const answering = (answer: () => Response) => jest.fn(async () => answer());
  const open = async (address: string, fetch: typeof globalThis.fetch) => {
    const [input] = await findInputs([address], { objects: noObjects, fetch });
    return openDocument(input!.source());
  };

  test('reads what is there, and calls it by its address without what may be secret', async () => {
    const pdf = await linesPdf(['The text of an address.']);
    const fetch = answering(() => new Response(new Uint8Array(pdf)));
    const document = await open('https://me:pw@example.com/in/a.pdf?signature=secret#2', fetch);
    expect(document.name).toBe('https://example.com/in/a.pdf');
    expect(await document.page(1)).toMatchObject({ text: 'The text of an address.' });
    expect(fetch.mock.calls).toEqual([
      [
        'https://example.com/in/a.pdf?signature=secret#2',
        expect.objectContaining({ headers: { authorization: 'Basic bWU6cHc=' } }),
      ],
    ]);
  });

  test('two addresses with different queries are two documents', async () => {
    const given = [
      'https://example.com/get?id=1',
      'https://example.com/get?id=2',
      'https://example.com/get?id=1',
    ];
    expect(await names(given)).toEqual(['https://example.com/get', 'https://example.com/get (2)']);
  });

  test('a ZIP stands for the files in it', async () => {
    const fetch = answering(() => new Response(new Uint8Array(zipSync({ 'x.pdf': Buffer.from('x') }))));
    expect(await names(['https://example.com/post.ZIP'], { fetch })).toEqual([
      'https://example.com/post.ZIP/x.pdf',
    ]);
  });

  test.each<[what: string, answer: () => Response, code: string, got: string]>([
    ['a refusal', () => new Response('no', { status: 404 }), 'DOCUMENT_NOT_FETCHED', 'HTTP 404'],
    [
      'a server that is not there',
      () => {
        throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
      },
      'DOCUMENT_NOT_FETCHED',
      'connect ECONNREFUSED',
    ],
    [
      'a length over the limit, before anything is read',
      () => new Response(null, { headers: { 'content-length': '268435457' } }),
      'DOCUMENT_TOO_LARGE',
      '268435457 bytes, at most 268435456',
    ],
  ])('rejects %s', async (_what, answer, code, got) => {
    await expect(open('https://example.com/a.pdf?key=secret', answering(answer))).rejects.toMatchObject({
      code,
      got,
      where: 'https://example.com/a.pdf',
    });
  });

  test('reads no further than the limit, whatever the server says', async () => {
    let sent = 0;
    const chunk = new Uint8Array(2 ** 24);
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(chunk);
      },
    });
    const failing = open(
      'https://example.com/a.pdf',
      answering(() => new Response(endless)),
    );
    await expect(failing).rejects.toMatchObject({ code: 'DOCUMENT_TOO_LARGE' });
    expect(sent).toBeLessThan(20);
  });
});
