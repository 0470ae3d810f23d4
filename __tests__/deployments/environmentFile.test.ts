import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { environmentFile, readEnvironmentFile } from '../../deployments/environmentFile';

describe('readEnvironmentFile', () => {
  const root = mkdtempSync(join(tmpdir(), 'environment-'));

  test('has the variables of one deployment, and none of another', () => {
    const file = environmentFile(root, 'rehearsal');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'LIGHTONOCR_ENDPOINT="http://127.0.0.1:1"\n# a comment\nA=b c\n');
    expect(readEnvironmentFile(root, 'rehearsal')).toEqual({
      LIGHTONOCR_ENDPOINT: 'http://127.0.0.1:1',
      A: 'b c',
    });
    expect(readEnvironmentFile(root, 'production')).toEqual({});
  });

  test('rejects a file that cannot be read', () => {
    mkdirSync(environmentFile(root, 'folder'), { recursive: true });
    expect(() => readEnvironmentFile(root, 'folder')).toThrow(/EISDIR/);
  });
});
