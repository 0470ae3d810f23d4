import { loadDeployment } from '../../deployments/load';
import { type QuotaRequestOptions, requestQuota } from '../../operate/quotaRequest';
import type { QuotaDecision, QuotaQuestion } from '../../rehearsal/cloud/quotaPreferences';
import { openRelease } from '../../release/open';
import { fakeClock } from '../fixtures/clock';
import { type Rig, startRig } from '../rehearsal/cloud/harness';

const PREFERENCES = '/v1/projects/my-project/locations/global/quotaPreferences';
/** 8 vCPU and 32 GiB, once: memory alone has no room for a candidate. */
const DEPLOYMENT = loadDeployment('production');

describe('requestQuota', () => {
  let rig: Rig;
  let decide: QuotaDecision;
  let questions: QuotaQuestion[];
  let confirmed: string[][];
  beforeEach(async () => {
    decide = () => undefined;
    questions = [];
    confirmed = [];
    const quotaDecision: QuotaDecision = (question) => {
      questions.push(question);
      return decide(question);
    };
    rig = await startRig({ quotaDecision });
  });
  afterEach(() => rig.cloud.stop());

  const open = (clock = fakeClock(), signal?: AbortSignal) =>
    openRelease({
      deployment: DEPLOYMENT,
      endpoint: rig.cloud.url,
      environment: { accessToken: 'x' },
      clock,
      ...(signal && { signal }),
    });
  const request = (options: Partial<QuotaRequestOptions> = {}, context = open()) =>
    requestQuota(context, {
      email: 'me@example.com',
      confirm: async (lines) => void confirmed.push([...lines]),
      ...options,
    });
  const preferences = async () =>
    (await rig.call('GET', PREFERENCES)).json.quotaPreferences as { etag: string }[];
  const states = async (options: Partial<QuotaRequestOptions> = {}) =>
    (await request(options)).asks.map(({ action }) => action);

  test('asks for memory alone, once it is confirmed with what and why', async () => {
    const { asks } = await request();
    expect(asks).toMatchObject([{ action: 'wait', preference: { reconciling: true } }]);
    expect(confirmed).toHaveLength(1);
    expect(confirmed[0]!.join('\n')).toMatch(
      /my-project in us-central1:\n.*MemAlloc\S+: 40 to 64 GiB\nas me@example\.com: Document OCR/,
    );
    expect(await preferences()).toMatchObject([
      { quotaId: 'MemAllocPerProjectRegion', quotaConfig: { preferredValue: '68719476736' } },
    ]);
  });

  test('run again, asks for nothing: the preference is untouched, and nobody is asked', async () => {
    await request();
    const before = await preferences();
    expect(await states({ email: undefined })).toEqual(['wait']);
    expect(await preferences()).toEqual(before);
    expect(confirmed).toHaveLength(1);
  });

  test('finds the preference that somebody made in the console, and raises that one', async () => {
    const theirs = {
      service: 'run.googleapis.com',
      quotaId: 'MemAllocPerProjectRegion',
      dimensions: { region: 'us-central1' },
      quotaConfig: { preferredValue: String(48 * 2 ** 30) },
      contactEmail: 'other@example.com',
    };
    await rig.call('POST', `${PREFERENCES}?quotaPreferenceId=theirs`, theirs);
    await request();
    expect(await preferences()).toMatchObject([
      { name: expect.stringMatching(/theirs$/), quotaConfig: { preferredValue: String(64 * 2 ** 30) } },
    ]);
  });

  test('finds its preference behind a hundred others', async () => {
    const others = Array.from({ length: 100 }, (_, index) => ({
      service: 'run.googleapis.com',
      quotaId: 'MemAllocPerProjectRegion',
      dimensions: { region: `region-${index}` },
      quotaConfig: { preferredValue: String(48 * 2 ** 30) },
      contactEmail: 'other@example.com',
    }));
    for (const other of others) await rig.call('POST', PREFERENCES, other);
    await request();
    expect(await states()).toEqual(['wait']);
    expect(confirmed).toHaveLength(1);
  });

  test.each(['an answer of no', 'a dry run'])('sends nothing after %s', async (what) => {
    const refuse = { confirm: () => Promise.reject(new Error('no')) };
    if (what === 'a dry run') expect((await request({ dryRun: true })).requests).toHaveLength(1);
    else await expect(request(refuse)).rejects.toThrow('no');
    expect(await preferences()).toEqual([]);
    expect(confirmed).toEqual([]);
  });

  test('follows with growing pauses until all is decided, and gives back what was', async () => {
    let looks = 0;
    decide = ({ preferred }) => ((looks += 1) > 9 ? { granted: preferred } : undefined);
    const clock = fakeClock();
    const { asks } = await request({ follow: true }, open(clock));
    expect(asks[0]!.preference).toMatchObject({ quotaConfig: { grantedValue: String(64 * 2 ** 30) } });
    expect(asks[0]!.preference).not.toHaveProperty('reconciling');
    expect(clock.slept.slice(0, 3)).toEqual([5, 10, 20]);
    expect(Math.max(...clock.slept)).toBe(300);
    // What was granted is in force: there is nothing more to ask for.
    expect(await states()).toEqual([]);
  });

  test('stopped while it follows, leaves the request with Google', async () => {
    const abort = new AbortController();
    const clock = {
      ...fakeClock(),
      sleep: async () => {
        abort.abort();
        throw abort.signal.reason;
      },
    };
    const { asks } = await request({ follow: true }, open(clock, abort.signal));
    expect(asks).toMatchObject([{ action: 'wait', preference: { reconciling: true } }]);
    expect(await preferences()).toHaveLength(1);
  });

  test('a denial is shown and not repeated; --again asks once more', async () => {
    decide = ({ current }) => ({ granted: current, stateDetail: 'denied' });
    await request({ follow: true });
    expect(await states()).toEqual(['answered']);
    const asked = questions.length;
    expect(await states()).toEqual(['answered']);
    expect(questions).toHaveLength(asked);
    expect(await states({ again: true })).toEqual(['wait']);
    expect(confirmed).toHaveLength(2);
  });

  test('takes the rest of what was granted in part for granted in part, on a later day too', async () => {
    decide = () => ({ granted: 48 * 2 ** 30, stateDetail: 'partially approved' });
    await request({ follow: true });
    const { asks } = await request();
    expect(asks).toMatchObject([{ action: 'answered', finding: { limit: 48 } }]);
  });

  test('rejects a request without an e-mail before anything is asked', async () => {
    await expect(request({ email: undefined })).rejects.toMatchObject({ code: 'BAD_INPUT', exitCode: 2 });
    expect(confirmed).toEqual([]);
  });

  test('rejects what cannot be seen, and what these credentials may not ask', async () => {
    rig.cloud.access.withhold('cloudquotas.quotas.update');
    await expect(request()).rejects.toMatchObject({
      code: 'QUOTA_REQUEST_NOT_PERMITTED',
      exitCode: 3,
      remedy: expect.stringContaining('roles/cloudquotas.admin'),
    });
    rig.cloud.access.withhold('cloudquotas.quotas.get');
    await expect(request()).rejects.toMatchObject({ code: 'QUOTA_NOT_CHECKED', exitCode: 3 });
  });
});
