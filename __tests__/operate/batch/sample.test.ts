import { listFolder } from '../../../operate/batch/inventory';
import { readSamples } from '../../../operate/batch/sample';
import { encryptedPdf, type PageKind, pdfOf } from '../../ocr/documents';
import { type Folder, openFolder } from './folder';

describe('readSamples', () => {
  let folder: Folder;
  beforeAll(async () => void (folder = await openFolder('docs')));
  afterAll(() => folder.cloud.stop());

  const sampleOf = async (prefix: string) => {
    const { strata } = await listFolder(folder.context, { bucket: 'docs', prefix });
    return readSamples(folder.context, 'docs', strata);
  };

  test('looks at four pages of a long document, at different ones', async () => {
    const kinds = Array.from({ length: 20 }, (_, index): PageKind => (index < 10 ? 'digital' : 'garbage'));
    await folder.put('docs', 'long/a.pdf', await pdfOf(kinds));
    const [stratum] = await sampleOf('long/');
    const [document] = stratum!.sampled;
    expect(document).toMatchObject({ pages: 20, looked: 4 });
    expect(document!.text + document!.gpu).toBe(4);
    expect(document!.text).toBeGreaterThan(0);
    expect(document!.gpu).toBeGreaterThan(0);
  });

  test('says why a document cannot be opened, and goes on', async () => {
    await folder.put('docs', 'mixed/a.pdf', encryptedPdf());
    await folder.put('docs', 'mixed/b.pdf', 'no PDF at all');
    await folder.put('docs', 'mixed/c.pdf', await pdfOf(['digital']));
    const [stratum] = await sampleOf('mixed/');
    const seen = stratum!.sampled.map(({ pages, unreadable }) => [pages, unreadable ?? '']);
    expect(seen.sort()).toEqual([
      [0, 'ENCRYPTED_DOCUMENT'],
      [0, 'UNREADABLE_DOCUMENT'],
      [1, ''],
    ]);
  });

  test('reads as many of a size as fit the bytes, at least two', async () => {
    const [a, b] = [await pdfOf(['digital']), await pdfOf(['digital'])];
    for (const name of ['a', 'b', 'c', 'd'])
      await folder.put('docs', `large/${name}.pdf`, name < 'c' ? a : b);
    const { strata } = await listFolder(folder.context, { bucket: 'docs', prefix: 'large/' });
    const asIfOf = (bytes: number) =>
      strata.map((stratum) => ({ ...stratum, bytes: stratum.documents * bytes }));
    const read = async (bytes: number) =>
      (await readSamples(folder.context, 'docs', asIfOf(bytes)))[0]!.sampled.length;
    expect([await read(1000), await read(40 * 2 ** 20), await read(200 * 2 ** 20)]).toEqual([4, 3, 2]);
  });

  test('leaves out what is gone, and rejects a folder of which all is', async () => {
    await folder.put('docs', 'gone/a.pdf', await pdfOf(['digital']));
    await folder.put('docs', 'gone/b.pdf', await pdfOf(['digital']));
    const { strata } = await listFolder(folder.context, { bucket: 'docs', prefix: 'gone/' });
    const take = (name: string) =>
      folder.context.call('storage', { method: 'DELETE', path: `/storage/v1/b/docs/o/gone%2F${name}` });
    await take('a.pdf');
    expect((await readSamples(folder.context, 'docs', strata))[0]!.sampled).toHaveLength(1);
    await take('b.pdf');
    await expect(readSamples(folder.context, 'docs', strata)).rejects.toMatchObject({
      code: 'BATCH_CHANGING',
      exitCode: 3,
    });
  });
});
