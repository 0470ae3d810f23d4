import { pdfOf } from '../ocr/documents';
import { type Folder, openFolder } from '../operate/batch/folder';
import { runProgram } from './program';

describe('lightonocr batch', () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = await openFolder('docs', 'texts');
    await folder.put('docs', 'in/a.pdf', await pdfOf(['digital', 'scanned']));
  });
  afterAll(() => folder.cloud.stop());

  const batch = (...words: string[]) =>
    runProgram(['batch', 'production', 'gs://docs/in', ...words, '--endpoint', folder.cloud.url]);

  test('prints what is there, how long it takes and for how much, and what that leans on', async () => {
    const { code, out } = await batch('--out', 'gs://texts/in', '--estimate');
    expect(code).toBe(0);
    for (const line of [
      /^1 document, .* from gs:\/\/docs\/in\/ to gs:\/\/texts\/in\/$/m,
      /^ {2}pdf +to 256 KiB +1 /m,
      /^pages: +2$/m,
      /^ {2}by text layer: +1$/m,
      /^ {2}as deployed +1 +52 s +0\.38$/m,
      /^quota: 3 GPU, 20 vCPU, 40 GiB \(Cloud Quotas\)$/m,
      /^speed: assumed \[\?\]/m,
    ])
      expect(out).toMatch(line);
  });

  test('prints the same as JSON', async () => {
    const { code, out } = await batch('--out', 'gs://texts/in', '--estimate', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ documents: 1, gpuPages: { value: 1, low: 1, high: 1 } });
  });

  test('rejects a call that does not say where to and what, with exit code 2', async () => {
    const { code, err } = await batch();
    expect(code).toBe(2);
    expect(err).toMatch(/^BAD_INPUT: Missing: --out.*--estimate/);
  });
});
