import { Storage } from '@google-cloud/storage';
import { openObjects } from '../../../release/open';
import { type Rig, startRig } from './harness';

/** The Storage client brings a google-auth-library of its own; it asks this for headers and nothing else. */
const authClient = { getRequestHeaders: async () => ({ Authorization: 'Bearer x' }), request: undefined };

function client(rig: Rig) {
  return new Storage({
    apiEndpoint: rig.cloud.url,
    projectId: 'p',
    useAuthWithCustomEndpoint: true,
    authClient: authClient as never,
    retryOptions: { autoRetry: false },
  });
}

describe('storage', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig({ buckets: ['ledger'] });
  });
  afterEach(() => rig.cloud.stop());

  const put = (name: string, body: string, query = '') =>
    rig.call(
      'POST',
      `/upload/storage/v1/b/ledger/o?uploadType=media&name=${encodeURIComponent(name)}${query}`,
      body,
    );
  const media = async (name: string) =>
    fetch(`${rig.cloud.url}/storage/v1/b/ledger/o/${encodeURIComponent(name)}?alt=media`, {
      headers: { authorization: 'Bearer x' },
    });

  it("lists for the project's own adapter, over more than a page", async () => {
    const names = Array.from({ length: 1001 }, (_, at) => `in/${String(at).padStart(4, '0')}.pdf`);
    for (const name of [...names, 'other']) await put(name, 'page');
    const objects = openObjects(rig.cloud.url, { accessToken: 'x' });
    const found = await objects.list('ledger', 'in/');
    expect(found.map(({ name }) => name)).toEqual(names);
    expect(found[0]).toMatchObject({ name: 'in/0000.pdf', bytes: 4 });
    expect(await objects.read('ledger', found[0]!)).toEqual(Buffer.from('page'));
    await expect(objects.list('none', '')).rejects.toMatchObject({ code: 'API_404' });
  });

  it("stores and reads through Google's own client, bytes and metadata", async () => {
    const file = client(rig).bucket('ledger').file('main/us-central1.json');
    const content = Buffer.from([0, 13, 10, 45, 45, 255]);
    await file.save(content, { resumable: false, metadata: { contentType: 'text/x', metadata: { a: 'b' } } });
    expect((await file.download())[0]).toEqual(content);
    const [metadata] = await file.getMetadata();
    expect(metadata).toMatchObject({ contentType: 'text/x', size: '6', metadata: { a: 'b' } });
    await file.delete();
    expect((await file.exists())[0]).toBe(false);
  });

  it('keeps the generation precondition for the client: 412 for the loser', async () => {
    const file = client(rig).bucket('ledger').file('lease');
    await file.save('1', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    await expect(
      file.save('2', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } }),
    ).rejects.toMatchObject({ code: 412 });
    expect((await file.download())[0].toString()).toBe('1');
  });

  it('writes and deletes only the generation that is named', async () => {
    const first = (await put('o', 'one')).json.generation as string;
    const second = (await put('o', 'two', `&ifGenerationMatch=${first}`)).json.generation as string;
    expect(Number(second)).toBeGreaterThan(Number(first));
    expect((await put('o', 'three', `&ifGenerationMatch=${first}`)).json.error.code).toBe(412);
    expect((await rig.call('DELETE', `/storage/v1/b/ledger/o/o?ifGenerationMatch=${first}`)).status).toBe(
      412,
    );
    const read = await media('o');
    expect([await read.text(), read.headers.get('x-goog-generation')]).toEqual(['two', second]);
  });

  it('gives the checksums of the well-known test string', async () => {
    // CRC32C of "123456789" is e3069283 (RFC 3720's check value), MD5 25f9e794323b453885f5181f1b624d0b.
    expect((await put('o', '123456789')).json).toMatchObject({
      crc32c: Buffer.from('e3069283', 'hex').toString('base64'),
      md5Hash: Buffer.from('25f9e794323b453885f5181f1b624d0b', 'hex').toString('base64'),
    });
  });

  it('lists by prefix, in pages', async () => {
    for (const name of ['a/1', 'a/2', 'a/3', 'b/1']) await put(name, name);
    const [files] = await client(rig).bucket('ledger').getFiles({ prefix: 'a/' });
    expect(files.map(({ name }) => name)).toEqual(['a/1', 'a/2', 'a/3']);
    const list = async (query: string) =>
      (await rig.call('GET', `/storage/v1/b/ledger/o?prefix=a/&maxResults=2${query}`)).json;
    const first = await list('');
    expect(first.items).toHaveLength(2);
    expect(await list(`&pageToken=${first.nextPageToken}`)).toMatchObject({ items: [{ name: 'a/3' }] });
  });

  it('rejects a bucket that does not exist until it is made', async () => {
    const upload = () => rig.call('POST', '/upload/storage/v1/b/later/o?uploadType=media&name=o', 'x');
    expect((await upload()).json.error).toMatchObject({ code: 404 });
    await rig.call('POST', '/storage/v1/b?project=p', { name: 'later' });
    expect((await upload()).status).toBe(200);
    expect((await rig.call('POST', '/storage/v1/b?project=p', { name: 'later' })).status).toBe(409);
  });

  it('rejects preconditions that it does not keep', async () => {
    expect((await put('o', 'x', '&ifMetagenerationMatch=1')).json.error.message).toMatch(
      /ifMetagenerationMatch/,
    );
    expect(rig.cloud.storage.read('ledger', 'o')).toBeUndefined();
  });
});
