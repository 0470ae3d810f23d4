import { batchPlaces, placeOf, placeUrl } from '../../../domain/batch/places';

describe('placeOf', () => {
  test.each([
    ['gs://scans', 'gs://scans/'],
    ['gs://scans/', 'gs://scans/'],
    ['gs://scans/2026', 'gs://scans/2026/'],
    ['gs://scans/2026//', 'gs://scans/2026/'],
    ['gs://my.own-scans_1/a b/ü', 'gs://my.own-scans_1/a b/ü/'],
  ])('%s is a folder', (url, folder) => {
    expect(placeUrl(placeOf(url, 'the input'))).toBe(folder);
  });

  test.each(['scans/2026', 's3://scans/2026', 'gs://', 'gs://S/x', 'gs://scans/*.pdf', 'gs://scans/a\nb'])(
    'rejects %j',
    (url) => {
      expect(() => placeOf(url, '--out')).toThrow(
        expect.objectContaining({ code: 'BAD_INPUT', where: '--out', got: url, exitCode: 2 }),
      );
    },
  );
});

describe('batchPlaces', () => {
  test.each([
    ['gs://docs/in', 'gs://texts/in'],
    ['gs://docs/in', 'gs://docs/in-text'],
    ['gs://docs/in/2026', 'gs://docs/in/2027'],
  ])('takes %s and %s', (input, out) => {
    expect(batchPlaces(input, out).out).toEqual(placeOf(out, '--out'));
  });

  test.each([
    ['gs://docs/in', 'gs://docs/in/', /same folder/],
    ['gs://docs', 'gs://docs', /same folder/],
    ['gs://docs/in', 'gs://docs/in/text', /output is inside/],
    ['gs://docs', 'gs://docs/text', /output is inside/],
    ['gs://docs/in/2026', 'gs://docs/in', /input is inside/],
    ['gs://docs/in', 'gs://docs', /input is inside/],
  ])('rejects %s and %s', (input, out, message) => {
    expect(() => batchPlaces(input, out)).toThrow(
      expect.objectContaining({
        code: 'BATCH_OVERLAP',
        message: expect.stringMatching(message),
        remedy: expect.stringContaining('--out gs://docs/'),
        exitCode: 2,
      }),
    );
  });
});
