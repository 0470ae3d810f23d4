import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemFailure } from '../../domain/systemFailure';

const thrown = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
};
const refused = (code: string, syscall?: string, path?: string) =>
  Object.assign(new Error(`${code}: refused`), { code, syscall, path });

describe('systemFailure', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lightonocr-'));
  const file = join(folder, '.lightonocr');
  writeFileSync(file, 'a file');

  test.each([
    ['a folder below a file', () => mkdirSync(join(file, 'production'), { recursive: true })],
    ['a file below a file', () => writeFileSync(join(file, 'service.tfplan'), '')],
  ])('is %s, as Node tells it', (_what, act) => {
    expect(systemFailure(thrown(act))).toMatchObject({
      code: 'SYSTEM_REFUSED',
      exitCode: 3,
      message: 'A file is where a folder has to be.',
      where: expect.stringContaining(file) as string,
      remedy: expect.stringContaining('move that file away') as string,
    });
  });

  test.each([
    ['ENOSPC', 'write', undefined, 'The disk is full.'],
    ['EROFS', 'open', '/a', 'The disk may only be read.'],
    ['EACCES', 'mkdir', '/a', 'This account may not do that.'],
  ])('is %s', (code, syscall, path, message) => {
    expect(systemFailure(refused(code, syscall, path))).toMatchObject({ message, where: path ?? syscall });
  });

  test.each([
    ['a defect', new TypeError('undefined is no object')],
    ['a network that does not answer', refused('ECONNREFUSED', 'connect')],
    ['what only looks like one', refused('ENOSPC')],
    ['nothing', undefined],
  ])('is not %s', (_what, error) => {
    expect(systemFailure(error)).toBeUndefined();
  });
});
