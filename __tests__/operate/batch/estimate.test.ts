import { bucketName } from '../../../domain/names';
import { estimateBatch } from '../../../operate/batch/estimate';
import { encryptedPdf, pdfOf, scan } from '../../ocr/documents';
import { type Folder, openFolder } from './folder';

describe('estimateBatch', () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = await openFolder('docs', 'texts');
    await folder.put('docs', 'in/report.pdf', await pdfOf(['digital', 'digital', 'scanned']));
    await folder.put('docs', 'in/more/scan.pdf', await pdfOf(['scanned']));
    await folder.put('docs', 'in/locked.pdf', encryptedPdf());
    await folder.put('docs', 'in/photo.png', await scan(60, 80, 'png'));
    await folder.put('docs', 'in/no-ending', await scan(60, 80), 'image/jpeg');
    await folder.put('docs', 'in/old.zip', 'PK');
    await folder.put('docs', 'in/empty.pdf', '');
    await folder.put('docs', 'in-another/other.pdf', await pdfOf(['scanned']));
  });
  afterAll(() => folder.cloud.stop());
  afterEach(() => folder.cloud.access.restore());

  const estimate = (input = 'gs://docs/in', out = 'gs://texts/in') =>
    estimateBatch(folder.context, { input, out });

  test('says documents and pages, those of the folder alone, exactly where it is small', async () => {
    const { kinds, passedOver, pages, textPages, gpuPages, unreadable } = await estimate();
    expect(kinds.map(({ kind, documents, read }) => [kind, documents, read])).toEqual([
      ['pdf', 3, 3],
      ['picture', 2, 2],
      ['archive', 1, 0],
    ]);
    expect(passedOver).toEqual({ empty: 1, archives: 1, tooLarge: 0 });
    const exactly = (value: number) => ({ value, low: value, high: value });
    expect(pages).toEqual(exactly(6));
    expect(textPages).toEqual(exactly(2));
    expect(gpuPages).toEqual(exactly(4));
    expect(unreadable).toEqual(exactly(1));
  });

  test('says hours and USD of the quota that is there, and of what could be changed', async () => {
    const { room, rows } = await estimate();
    // A new project's: 20 vCPU, 40 GiB, 3 GPUs.
    expect(room).toEqual({ gpus: 3, vcpu: 20, memoryGib: 40, source: 'Cloud Quotas' });
    expect(rows.map(({ what, instances }) => [what, instances])).toEqual([
      ['as deployed', 1],
      ['two instances more', 3],
      ['4 vCPU, 16 GiB', 2],
      ['LightOnOCR-3-0.8B', 1],
      ['LightOnOCR-3-1B', 1],
      ['LightOnOCR-3-4B', 1],
    ]);
    expect(rows[1]!.note).toMatch(/over the quota: bin\/lightonocr quota production --request .* --gpus 3/);
    const [deployed] = rows;
    // 50 s to start, 4 pages at 0.5 a second; the idle tail is billed.
    expect(deployed!.hours.value).toBeCloseTo((50 + 8) / 3600, 6);
    expect(deployed!.usd!.value).toBeCloseTo(((50 + 8 + 900) / 3600) * 1.42, 2);
  });

  test('takes the speed that was measured, and says so', async () => {
    const bucket = bucketName(folder.context.deployment, 'ledger');
    const record = { at: '2026-11-20T10:00:00Z', pagesPerSecond: 4, startSeconds: 10, more: 'x' };
    await folder.put(bucket, 'production/probe.json', JSON.stringify(record));
    const { speed, rows } = await estimate();
    expect(speed).toMatchObject({
      pagesPerSecond: 4,
      source: expect.stringMatching(/^measured 2026-11-20 \(gs:/),
    });
    expect(rows[0]!.hours.value).toBeCloseTo((10 + 1) / 3600, 6);
  });

  test('changes nothing', async () => {
    const before = folder.cloud.storage.list('docs');
    await estimate();
    expect(folder.cloud.storage.list('docs')).toEqual(before);
    expect(folder.cloud.storage.list('texts')).toEqual([]);
  });

  test.each([
    ['no such bucket', 'gs://nothing-here/in', 'gs://texts/in', 'BUCKET_NOT_FOUND'],
    ['no such bucket for the results', 'gs://docs/in', 'gs://nothing-here/in', 'BUCKET_NOT_FOUND'],
    ['an empty folder', 'gs://docs/i', 'gs://texts/in', 'BATCH_EMPTY'],
    ['the output inside the input', 'gs://docs/in', 'gs://docs/in/text', 'BATCH_OVERLAP'],
    ['what is no folder', 'docs/in', 'gs://texts/in', 'BAD_INPUT'],
  ])('rejects %s', async (_what, input, out, code) => {
    await expect(estimate(input, out)).rejects.toMatchObject({ code, exitCode: 2 });
  });

  test.each([
    ['storage.objects.get', 'the input, gs://docs/in/'],
    ['storage.objects.list', 'the input, gs://docs/in/'],
    ['storage.objects.create', '--out, gs://texts/in/'],
  ])('rejects a caller without %s', async (permission, where) => {
    folder.cloud.access.withhold(permission);
    await expect(estimate()).rejects.toMatchObject({
      code: 'BUCKET_NOT_ALLOWED',
      where,
      got: `missing: ${permission}`,
      remedy: expect.stringContaining('add-iam-policy-binding'),
      exitCode: 2,
    });
  });

  test('rejects the results of another folder, and takes its own', async () => {
    await folder.put('texts', 'mine/manifest.json', JSON.stringify({ input: 'gs://docs/in/' }));
    await folder.put('texts', 'yours/manifest.json', JSON.stringify({ input: 'gs://docs/in-another/' }));
    await folder.put('texts', 'broken/manifest.json', '{');
    await expect(estimate('gs://docs/in', 'gs://texts/mine')).resolves.toBeDefined();
    await expect(estimate('gs://docs/in', 'gs://texts/yours')).rejects.toMatchObject({
      code: 'BATCH_OTHER_INPUT',
      got: 'the results of gs://docs/in-another/',
      exitCode: 2,
    });
    await expect(estimate('gs://docs/in', 'gs://texts/broken')).rejects.toMatchObject({
      code: 'BATCH_OTHER_INPUT',
    });
  });
});
