import { type Rig, startRig } from '../rehearsal/cloud/harness';
import { runProgram } from './program';

describe('lightonocr quota', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await startRig()));
  afterAll(() => rig.cloud.stop());

  const quota = (deployment: string, endpoint = rig.cloud.url) =>
    runProgram(['quota', deployment, '--endpoint', endpoint]);

  test('passes the small deployment in a fresh project, and asks for nothing', async () => {
    const { code, out } = await quota('small');
    expect(code).toBe(0);
    expect(out.match(/^  fits /gm)).toHaveLength(3);
    expect(out).not.toContain('gcloud');
  });

  test('rejects the guide’s three large instances with exit code 2, after the whole picture and the request', async () => {
    const { code, out, err } = await quota('guide');
    expect(code).toBe(2);
    expect(out.match(/^  blocks /gm)).toHaveLength(2);
    expect(out.match(/^bin\/lightonocr quota guide --request --email /gm)).toHaveLength(1);
    expect(err).toMatch(/^OVER_QUOTA: The service may have 3 instances, and MemAllocPerProjectRegion/m);
  });

  test('shows every region of the GPU with its limits, the best one first', async () => {
    const { code, out } = await runProgram(['quota', 'small', '--all-regions', '--endpoint', rig.cloud.url]);
    expect(code).toBe(0);
    const rows = out.split('\n').filter((line) => /^ *(us|europe|asia)-/.test(line));
    expect(rows).toHaveLength(6);
    expect(rows[0]).toMatch(/us-central1 \* +fits +3 +0 +40 +20 +no +- +\d/);
    expect(rows.at(-1)).toMatch(/asia-south1 .* yes /);
    expect(out).toContain('Can hold the deployment: us-central1, ');
  });

  test.each([
    [['--choose', 'us-east4'], '--choose is for --all-regions'],
    [['--all-regions', '--request'], '--request is of one region'],
    [['--all-regions', '--choose', 'us-west1'], 'Cloud Run has no nvidia-l4 there'],
  ])('rejects %j', async (words, message) => {
    const { code, err } = await runProgram(['quota', 'small', ...words, '--endpoint', rig.cloud.url]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test('where nobody answers, ends with exit code 3: a person is needed', async () => {
    const { code, out, err } = await quota('small', 'http://127.0.0.1:9');
    expect(code).toBe(3);
    expect(out.match(/^  unknown /gm)).toHaveLength(3);
    expect(err).toMatch(/^QUOTA_NOT_CHECKED/m);
  });
});
