import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthClient } from 'google-auth-library';
import { writeRegion } from '../../deployments/writeRegion';
import { assertRegionFree, compareRegions } from '../../operate/regionChoice';
import { googleApi } from '../../release/adapters/google/googleApi';
import { DEPLOYMENT } from '../constructs/deployment';
import { clientOptions, type Rig, startRig } from '../rehearsal/cloud/harness';

describe('assertRegionFree', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await startRig()));
  afterAll(() => rig.cloud.stop());

  test('lets a deployment go elsewhere until its service is there', async () => {
    const { authClient } = clientOptions(rig) as { authClient: AuthClient };
    const context = {
      call: googleApi(async () => authClient, rig.cloud.url),
      deployment: { ...DEPLOYMENT, project: 'p', service: 's' },
      progress: () => undefined,
    };
    const choices = await compareRegions(context);
    await expect(assertRegionFree(context, choices, 'us-east4')).resolves.toBeUndefined();
    await rig.deploy('first');
    await expect(assertRegionFree(context, choices, 'us-central1')).resolves.toBeUndefined();
    await expect(assertRegionFree(context, choices, 'us-east4')).rejects.toMatchObject({
      code: 'REGION_IN_USE',
      exitCode: 3,
      where: 'projects/p/locations/us-central1/services/s',
    });
  });
});

describe('writeRegion', () => {
  test('changes that key alone, and adds it where it is missing', () => {
    const directory = mkdtempSync(join(tmpdir(), 'lightonocr-region-'));
    try {
      const file = join(directory, 'a.yaml');
      writeFileSync(file, '# ours\nproject: p # the project\nregion: us-central1\nsize: { cpu: 4 }\n');
      writeRegion('a', 'us-east4', directory);
      expect(readFileSync(file, 'utf8')).toBe(
        '# ours\nproject: p # the project\nregion: us-east4\nsize: { cpu: 4 }\n',
      );
      writeFileSync(file, 'project: p\n');
      writeRegion('a', 'us-east4', directory);
      expect(readFileSync(file, 'utf8')).toBe('project: p\nregion: us-east4\n');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
