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
    expect(out.match(/ fits$/gm)).toHaveLength(3);
    expect(out).not.toContain('gcloud');
  });

  test('rejects the guide’s three large instances with exit code 2, after the whole picture and the request', async () => {
    const { code, out, err } = await quota('guide');
    expect(code).toBe(2);
    expect(out.match(/ blocks$/gm)).toHaveLength(2);
    expect(out.match(/^bin\/lightonocr quota guide --request --email /gm)).toHaveLength(1);
    expect(err).toMatch(/^OVER_QUOTA: The service may have 3 instances, and MemAllocPerProjectRegion/m);
  });

  test('where nobody answers, ends with exit code 3: a person is needed', async () => {
    const { code, out, err } = await quota('small', 'http://127.0.0.1:9');
    expect(code).toBe(3);
    expect(out.match(/ unknown$/gm)).toHaveLength(3);
    expect(err).toMatch(/^QUOTA_NOT_CHECKED/m);
  });
});
