import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GOLDEN_FOLDER, goldenSet } from '../../../release/checks/goldenSet';
import { DEPLOYMENT } from '../../constructs/deployment';

const folder = () => mkdtempSync(join(tmpdir(), 'lightonocr-golden-'));
const names = (golden?: string) =>
  goldenSet({ ...DEPLOYMENT, ...(golden !== undefined && { golden }) }).map(({ name }) => name);

describe('goldenSet', () => {
  test('is the project’s pages, and an owner’s own after them', () => {
    const own = folder();
    copyFileSync(join(GOLDEN_FOLDER, 'page.png'), join(own, 'invoice.PNG'));
    writeFileSync(join(own, 'invoice.txt'), 'an invoice');
    writeFileSync(join(own, 'notes.md'), 'no page');
    expect(names()).toContain('page');
    expect(names(own)).toEqual([...names(), 'invoice']);
  });

  test('prepares a page once, for every release that sends it', async () => {
    const [page, again] = [goldenSet(DEPLOYMENT)[0]!, goldenSet(DEPLOYMENT)[0]!];
    expect(await page.prepared()).toBe(await again.prepared());
  });

  test('rejects a folder that is not there', () =>
    expect(() => names('/nowhere/pages')).toThrow(
      expect.objectContaining({ code: 'NO_GOLDEN_FOLDER', exitCode: 2, got: '/nowhere/pages' }),
    ));

  test('rejects a folder without an image', () => {
    const own = folder();
    writeFileSync(join(own, 'page.txt'), 'a text');
    expect(() => names(own)).toThrow(
      expect.objectContaining({ code: 'NO_GOLDEN_FOLDER', message: expect.stringContaining('no image') }),
    );
  });

  test.each([
    ['without a text', undefined],
    ['with an empty text', ' \n'],
  ])('rejects a page %s', (_what, text) => {
    const own = folder();
    copyFileSync(join(GOLDEN_FOLDER, 'page.png'), join(own, 'bare.png'));
    if (text !== undefined) writeFileSync(join(own, 'bare.txt'), text);
    expect(() => names(own)).toThrow(
      expect.objectContaining({ code: 'GOLDEN_PAGE_WITHOUT_TEXT', where: join(own, 'bare.png') }),
    );
  });
});
