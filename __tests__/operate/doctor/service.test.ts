import type { CheckId, Finding } from '../../../domain/finding';
import { bucketName, ledgerObject, servicePath } from '../../../domain/names';
import { restoreLedger } from '../../../domain/releases/projectState';
import { LATEST, REVISION } from '../../../domain/releases/traffic';
import { nextSteps, verificationFailure } from '../../../domain/service/verification';
import { doctor } from '../../../operate/doctor';
import { service } from '../../../operate/doctor/service';
import { snapshotOf } from '../../../release/driver/observe';
import { liveService } from '../../../operate/liveService';
import { troubleshoot } from '../../../operate/troubleshoot';
import { verify } from '../../../operate/verify';
import { status } from '../../../release/verbs/status';
import { type Engine, openEngine, type Released } from '../../release/engine/engine';
import { applyPlatform, control, type Control, type Values } from './platform';

let engine: Engine;
let send: Control;
let released: { a: Released; b: Released };
const person = () => engine.run('person');
beforeAll(async () => {
  engine = await openEngine();
  released = await engine.twoReleases();
  await applyPlatform(person());
  send = control(person());
});
afterAll(() => engine.stop());
/** Ledger and traffic as they were. */
afterEach(() => engine.twoReleases());

const found = async (...only: CheckId[]): Promise<Finding[]> =>
  (await doctor(person(), { only })).filter(({ state }) => state !== 'ok');
const cases = async () =>
  (await troubleshoot(person(), { sinceSeconds: 60 })).findings.map(
    ({ id, revision }) => `${id} ${revision}`,
  );
const template = () => (engine.cloud.run.service(engine.deployment.service) as Values).template as Values;
const updateLedger = (change: object) => person().ledger.update((ledger) => ({ ...ledger!, ...change }));
const share = (revision: string, percent: number) => ({ type: REVISION, revision, percent });

describe('traffic', () => {
  test('another revision serves than the one that is meant to', async () => {
    const { a, b } = released;
    await engine.byHand({ traffic: [share(a.revision, 90), share(b.revision, 10)] }, 'traffic');
    expect(await found('traffic')).toMatchObject([
      {
        state: 'wrong',
        saw: `${a.revision} 90 %, ${b.revision} 10 %, and ${b.revision} is meant to serve`,
        mend: expect.stringContaining(`rollback rehearsal --to ${b.revision} `),
      },
    ]);
    expect(await cases()).toContain(`traffic-moved ${a.revision}`);
  });

  test('it follows the newest revision, which happens to be the right one', async () => {
    await engine.byHand({ traffic: [{ type: LATEST, percent: 100 }] }, 'traffic');
    expect(await found('traffic')).toMatchObject([
      { state: 'wrong', saw: expect.stringContaining('newest') },
    ]);
    expect(await verify(person())).toMatchObject({ asIntended: false });
    expect(await status(person())).toMatchObject({ asIntended: false });
  });

  test('somebody is at work', async () => {
    const { a, b } = released;
    await engine.byHand({ traffic: [share(a.revision, 90), share(b.revision, 10)] }, 'traffic');
    const expiresAt = new Date(person().clock.now().getTime() + 600_000).toISOString();
    const { epoch } = await engine.ledger();
    await updateLedger({ lease: { holder: 'run-7', epoch, expiresAt } });
    expect(await found('traffic')).toMatchObject([
      { state: 'not yet', saw: expect.stringContaining('run-7 is at work') },
    ]);
    expect(await cases()).not.toContain(`traffic-moved ${a.revision}`);
  });

  test('a release was left behind, and a move was begun', async () => {
    const { releases, intent } = await engine.ledger();
    await updateLedger({
      releases: releases.map((entry, at) => (at === 0 ? { ...entry, state: 'canary' } : entry)),
    });
    const mend = 'bin/lightonocr reconcile rehearsal';
    expect(await found('traffic')).toMatchObject([{ state: 'wrong', subject: 'release', mend }]);
    await engine.twoReleases();
    await updateLedger({ intent: { ...intent!, settledAt: undefined } });
    expect(await found('traffic')).toMatchObject([
      { saw: expect.stringContaining('begun and not ended'), mend },
    ]);
  });

  test('nothing has been released yet', async () => {
    await updateLedger({ intent: undefined });
    expect(await found('traffic')).toMatchObject([
      { state: 'not yet', mend: expect.stringContaining('release rehearsal') },
    ]);
  });
});

describe('service', () => {
  test('a revision that does not start: the service says so, and what serves is still ready', async () => {
    const broken = structuredClone(template());
    broken.revision = 'lightonocr-gpu-broken';
    broken.containers[0].env = [{ name: 'STAND_IN_FAULT', value: 'crash-at-start' }];
    await engine.byHand({ template: broken }, 'template');
    const [finding, ...others] = await found('service');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      subject: 'service lightonocr-gpu',
      state: 'wrong',
      saw: expect.stringContaining('lightonocr-gpu-broken'),
      mend: 'bin/lightonocr troubleshoot rehearsal',
    });
    const seen = await verify(person());
    expect(seen).toMatchObject({ revision: released.b.revision, ready: false, isReleased: true });
    broken.revision = 'lightonocr-gpu-mended';
    broken.containers[0].env = [];
    await engine.byHand({ template: broken }, 'template');
    expect(await found('service')).toEqual([]);
  });

  test('a revision of somebody else serves, with other settings: by key, what the file says, what is live', async () => {
    const other = structuredClone(template());
    const [container] = other.containers;
    other.revision = 'lightonocr-gpu-by-hand';
    other.maxInstanceRequestConcurrency = 99;
    container.startupProbe.periodSeconds = 19;
    container.startupProbe.timeoutSeconds = 19;
    await engine.byHand({ template: other, traffic: [share(other.revision, 100)] }, 'template,traffic');
    const mend = 'bin/lightonocr verify rehearsal';
    expect(await found('service')).toMatchObject([
      {
        subject: 'startup probe',
        saw: 'probe.periodSeconds is 19, the file says 20; probe.timeoutSeconds is 19, the file says 20',
        mend,
      },
      {
        subject: 'settings',
        saw: expect.stringContaining('scaling.concurrency is 99, the file says 12'),
        mend,
      },
    ]);
    const seen = await verify(person());
    expect(seen).toMatchObject({ revision: other.revision, isReleased: false, asIntended: false });
    expect(seen.differences).toContainEqual({ key: 'scaling.concurrency', wanted: '12', live: '99' });
    expect(verificationFailure(engine.deployment, seen)).toMatchObject({
      code: 'NOT_AS_DEPLOYED',
      exitCode: 3,
      remedy: expect.stringContaining('bin/lightonocr rollback rehearsal '),
    });
  });

  test('callers of the internet are shut out by hand: no revision says so, and the next plan puts it back', async () => {
    await engine.byHand({ ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY' }, 'ingress');
    const [finding, seen] = [await found('service'), await verify(person())];
    await engine.byHand({ ingress: 'INGRESS_TRAFFIC_ALL' }, 'ingress');
    expect(finding).toMatchObject([
      {
        subject: 'settings',
        state: 'wrong',
        saw: expect.stringContaining('(ingress) is INGRESS_TRAFFIC_INTERNAL_ONLY'),
      },
    ]);
    expect(seen.differences).toMatchObject([{ key: '(ingress)' }]);
    expect(verificationFailure(engine.deployment, seen)?.remedy).toMatch(/^bin\/lightonocr plan rehearsal /);
  });

  test('a file that was edited since the release: the next step is a release', async () => {
    const context = engine.run('person', () => ({
      deployment: { ...engine.deployment, scaling: { ...engine.deployment.scaling, concurrency: 10 } },
    }));
    const seen = await verify(context);
    expect(seen.differences).toEqual([{ key: 'scaling.concurrency', wanted: '10', live: '12' }]);
    expect(verificationFailure(engine.deployment, seen)?.remedy).toMatch(/^bin\/lightonocr plan rehearsal /);
  });

  test('a minimum of the service itself, which no revision has: doctor and verify say so, and what clears it', async () => {
    await engine.byHand({ scaling: { scalingMode: 'AUTOMATIC', minInstanceCount: 2 } }, 'scaling');
    const mend = 'bin/lightonocr scale rehearsal restore';
    const [finding, seen] = [await found('service'), await verify(person())];
    await engine.byHand({ scaling: { scalingMode: 'AUTOMATIC' } }, 'scaling');
    expect(finding).toMatchObject([
      {
        subject: 'scale',
        state: 'wrong',
        saw: expect.stringContaining('AT LEAST 2 instances by hand'),
        mend,
      },
    ]);
    expect(verificationFailure(engine.deployment, seen)).toMatchObject({ exitCode: 3, remedy: mend });
  });

  test('as it should be: verify has nothing to say', async () => {
    const seen = await verify(person());
    expect(seen).toMatchObject({ ready: true, asIntended: true, sha: released.b.sha, differences: [] });
    expect(verificationFailure(engine.deployment, seen)).toBeUndefined();
  });

  test('everybody may call it: a member that means everybody, and IAM that is not asked', async () => {
    const path = `/v2/${servicePath(engine.deployment)}`;
    const { bindings } = await send('run', 'GET', `${path}:getIamPolicy`);
    const write = async (next: Values[]) => {
      const policy = { ...(await send('run', 'GET', `${path}:getIamPolicy`)), bindings: next };
      await send('run', 'POST', `${path}:setIamPolicy`, { policy });
    };
    await write([...bindings, { role: 'roles/run.invoker', members: ['allUsers'] }]);
    const [open] = await found('service');
    expect(open).toMatchObject({
      state: 'wrong',
      saw: 'ANYONE MAY CALL IT: allUsers',
      mend: expect.stringMatching(/^gcloud run services remove-iam-policy-binding .* --member=allUsers/),
    });
    await write((bindings as Values[]).filter(({ members }) => !members[0].includes('backend')));
    expect(await found('service')).toMatchObject([
      {
        state: 'wrong',
        saw: expect.stringContaining('may not call it yet'),
        mend: expect.stringContaining('--run access'),
      },
    ]);
    await write(bindings as Values[]);
    await engine.byHand({ invokerIamDisabled: true }, 'invokerIamDisabled');
    const [disabled] = await found('service');
    await engine.byHand({ invokerIamDisabled: false }, 'invokerIamDisabled');
    expect(disabled).toMatchObject({ state: 'wrong', mend: expect.stringContaining('--invoker-iam-check') });
  });

  test.each([
    ['CONDITION_FAILED', 'wrong', 'it gets no instance: no GPU'],
    ['CONDITION_RECONCILING', 'not yet', 'it waits for an instance: no GPU'],
  ])('a serving revision with %s', async (state, wanted, words) => {
    const context = person();
    const live = (await liveService(context, await snapshotOf(context)))!;
    const conditions = [{ type: 'ResourcesAvailable', state, message: 'no GPU' }];
    const look = {
      service: async () => ({ ...live, serving: [{ ...live.serving[0]!, conditions }] }),
      ledger: async () => undefined,
      policy: async () => ({}),
      pool: async () => undefined,
      situation: async () => 'released' as const,
      mend: async () => 'x',
      missing: async () => 'wrong' as const,
    };
    const findings = await service.run({ context, look, as: 'person' });
    expect(findings.find(({ subject }) => subject.startsWith('revision'))).toMatchObject({
      state: wanted,
      saw: expect.stringContaining(words),
    });
  });

  test('somebody stopped it by hand', async () => {
    await engine.byHand({ scaling: { scalingMode: 'MANUAL', manualInstanceCount: 0 } }, 'scaling');
    const open = await found('service');
    const seen = await verify(person());
    await engine.byHand({ scaling: { scalingMode: 'AUTOMATIC' } }, 'scaling');
    const mend = 'bin/lightonocr scale rehearsal restore';
    expect(open).toContainEqual(expect.objectContaining({ subject: 'scale', state: 'wrong', mend }));
    expect(verificationFailure(engine.deployment, seen)).toMatchObject({
      got: expect.stringContaining('STOPPED by hand'),
      remedy: expect.stringContaining(mend),
    });
  });

  test('a ledger that cannot be read takes nothing else along', async () => {
    engine.cloud.access.withhold('storage.objects.get');
    const findings = await doctor(person(), { only: ['service', 'traffic'] });
    engine.cloud.access.restore();
    const open = findings.filter(({ state }) => state !== 'ok');
    expect(open.map(({ state }) => state)).not.toContain('wrong');
    expect(findings.filter(({ subject }) => subject.startsWith('revision'))).toMatchObject([{ state: 'ok' }]);
  });

  test('a ledger that was deleted is restored: taking the service over anew would forget what it held', async () => {
    const path = `/storage/v1/b/${bucketName(engine.deployment, 'ledger')}/o/${encodeURIComponent(ledgerObject(engine.deployment))}`;
    const ledger = await engine.ledger();
    await send('storage', 'DELETE', path);
    expect(await found('traffic')).toMatchObject([
      {
        state: 'wrong',
        subject: 'ledger',
        mend: restoreLedger(person().ledger.url),
      },
    ]);
    expect(nextSteps(engine.deployment, await verify(person()))).toEqual([
      'bin/lightonocr doctor rehearsal --only traffic',
    ]);
    await person().ledger.update(() => ledger);
  });
});
