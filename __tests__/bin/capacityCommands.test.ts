import { type Folder, openFolder } from '../operate/batch/folder';
import { runProgram } from './program';

describe('lightonocr capacity', () => {
  let folder: Folder;
  beforeAll(async () => void (folder = await openFolder()));
  afterAll(() => folder.cloud.stop());

  const capacity = (...words: string[]) =>
    runProgram(['capacity', 'small', ...words, '--endpoint', folder.cloud.url]);

  test('prints instances, where they can run, and what each choice makes of the pages', async () => {
    const { code, out } = await capacity('--pages', '51000', '--deadline', '10h');
    expect(code).toBe(0);
    for (const line of [
      /^51,000 pages, all there at once, within 10 h: 3 instances, 3 L4, 12 vCPU, 48 GiB\.$/m,
      /^us-central1 alone does not hold them; several regions do: us-central1 2, \S+ 1\./m,
      /^ {2}as deployed +1 +1 d 4 h +3[23],\d{3} +- +1 +\d/m,
      /^GKE \[\?\]: /m,
      /^quota: 3 L4, 20 vCPU, 40 GiB \(Cloud Quotas\);/m,
      /^speed: assumed \[\?\]/m,
    ])
      expect(out).toMatch(line);
  });

  test('prints the same as JSON', async () => {
    const { code, out } = await capacity('--pages', '1000', '--deadline', '1h', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      needed: 1,
      place: 'deployed',
      rows: [{ instances: 2 }, { late: 0, instances: 1 }],
    });
  });

  test('rejects bad input with exit code 2', async () => {
    const { code, err } = await capacity('--pages', '0', '--deadline', '2020-01-01T00:00Z');
    expect(code).toBe(2);
    expect(err).toMatch(/^BAD_INPUT: --pages "0".*--deadline 2020/);
  });
});

describe('lightonocr capacity, of a deployment that names no project yet', () => {
  test('answers from the deployment’s file, and says so', async () => {
    const { code, out, err } = await runProgram([
      'capacity',
      'small',
      '--pages',
      '51000',
      '--deadline',
      '10h',
    ]);
    expect(code).toBe(0);
    expect(err).toMatch(/PROJECT_PLACEHOLDER: the quota is that of deployments\/small\.yaml/);
    expect(out).toMatch(
      /^The quota of us-central1 holds 2 of them\. Ask for more: .* --gpus 3; or take nodes of GKE/m,
    );
  });
});
