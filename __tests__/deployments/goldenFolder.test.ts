import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownGoldenPages } from '../../deployments/goldenFolder';

describe('ownGoldenPages', () => {
  test('are none without the key', () => expect(ownGoldenPages({ name: 'production' })).toEqual([]));

  test('rejects an empty folder', () =>
    expect(() =>
      ownGoldenPages({ name: 'production', golden: mkdtempSync(join(tmpdir(), 'golden-')) }),
    ).toThrow(
      expect.objectContaining({ code: 'NO_GOLDEN_FOLDER', where: 'deployments/production.yaml golden' }),
    ));
});
