import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passwordFrom } from '../../bin/password';
import type { Failure } from '../../domain/failure';

const folder = mkdtempSync(join(tmpdir(), 'password-'));
const file = join(folder, 'secret.txt');
beforeAll(() => writeFileSync(file, '\uFEFFzebra 7\r\nanother line\r\n'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('passwordFrom', () => {
  test.each([file, `file:${file}`, 'env:PDF_PASSWORD'])('reads %s', (source) => {
    expect(passwordFrom(source, { PDF_PASSWORD: 'zebra 7' })).toBe('zebra 7');
  });

  test.each(['hunter2', 'env:NOT_SET', 'file:/dev/null'])('rejects %s, and does not repeat it', (source) => {
    let thrown: Failure | undefined;
    try {
      passwordFrom(source, {});
    } catch (error) {
      thrown = error as Failure;
    }
    expect(thrown).toMatchObject({ code: 'NO_PASSWORD', exitCode: 2 });
    expect(JSON.stringify([thrown, thrown?.message])).not.toMatch(/hunter2|NOT_SET|null/);
  });
});
