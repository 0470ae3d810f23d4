import { bucketName } from '../../domain/names';
import { image } from '../../operate/image';
import type { ReleaseContext } from '../../release/ports/context';
import { failureOf } from '../../rehearsal/stage';
import { type Engine, openEngine, type Released } from '../release/engine/engine';

const MODEL_SHA = '0123456789abcdef0123456789abcdef01234567';

describe('image', () => {
  let engine: Engine;
  let released: Released;
  let context: ReleaseContext;
  beforeAll(async () => {
    engine = await openEngine();
    released = await engine.release({ initLedger: true });
    context = engine.run('look');
  });
  afterAll(() => engine.stop());
  afterEach(() => engine.cloud.access.restore());

  const digest = async () => (await image(context)).digest!;
  const scanned = async (details: object) => {
    const { project, region } = engine.deployment;
    await context.call('containeranalysis', {
      method: 'POST',
      path: `/v1/projects/${project}/occurrences`,
      body: {
        resourceUri: `https://${region}-docker.pkg.dev/${project}/loan-repo/lightonocr-gpu@${await digest()}`,
        noteName: 'projects/goog-vulnz/notes/x',
        ...details,
      },
    });
  };

  test('says what serves: digest, commit, tags, size, age; not scanned, and the model not known', async () => {
    const found = await image(context);
    expect(found).toMatchObject({
      revision: released.revision,
      percent: 100,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      sha: released.sha,
      registry: {
        state: 'there',
        tags: expect.arrayContaining([released.sha.slice(0, 7), expect.stringMatching(/^content-/)]),
        sizeBytes: expect.any(Number),
        pushedAt: expect.stringMatching(/Z$/),
      },
      vulnerabilities: { state: 'not scanned' },
      model: {
        state: 'not known',
        why: expect.stringMatching(/was to take .+, and its log has no check of it/),
      },
    });
  });

  test('the model is inside when the log of the very build that pushed the digest says so', async () => {
    const { model } = await image(context);
    const { build } = model as { build: string };
    const line = `${engine.deployment.model.id} at ${MODEL_SHA} is whole: 423 tensors, 1.87 GiB`;
    const bucket = bucketName(engine.deployment, 'logs');
    const name = `log-${build}.txt`;
    const { generation } = (await context.storage.read(bucket, name))!;
    await context.storage.write(bucket, name, Buffer.from(`Step #0 - "build": #9 1.2 ${line}\n`), generation);
    expect((await image(context)).model).toEqual({
      state: 'inside',
      id: engine.deployment.model.id,
      revision: MODEL_SHA,
      weights: '423 tensors, 1.87 GiB',
      build,
    });
  });

  test('counts the vulnerabilities of a scan that has ended, and tells fixes', async () => {
    await scanned({ vulnerability: { effectiveSeverity: 'HIGH', fixAvailable: true } });
    expect((await image(context)).vulnerabilities.state).toBe('not scanned'); // findings without a scan are no scan
    await scanned({
      discovery: { analysisStatus: 'FINISHED_SUCCESS', lastScanTime: '2026-11-20T00:00:00Z' },
    });
    await scanned({ vulnerability: { effectiveSeverity: 'HIGH' } });
    await scanned({ vulnerability: { effectiveSeverity: 'LOW' } });
    expect((await image(context)).vulnerabilities).toEqual({
      state: 'scanned',
      at: '2026-11-20T00:00:00Z',
      kept: true,
      counts: [
        { severity: 'HIGH', total: 2, fixable: 1 },
        { severity: 'LOW', total: 1, fixable: 0 },
      ],
    });
  });

  test.each([
    ['containeranalysis.occurrences.list', 'vulnerabilities'],
    ['artifactregistry.versions.get', 'registry'],
    ['cloudbuild.builds.list', 'model'],
  ] as const)(
    'without %s the %s are not known, and why is said; the rest stands',
    async (permission, part) => {
      engine.cloud.access.withhold(permission);
      const found = await image(context);
      expect(found[part]).toMatchObject({
        state: 'not known',
        why: expect.stringMatching(/cannot be read: permission \(/),
      });
      expect(found.sha).toBe(released.sha);
    },
  );

  test('an API that is off is said, too', async () => {
    const { project } = engine.deployment;
    const api = `/v1/projects/${project}/services/containeranalysis.googleapis.com`;
    await context.call('serviceusage', { method: 'POST', path: `${api}:disable` });
    const { vulnerabilities } = await image(context);
    await context.call('serviceusage', { method: 'POST', path: `${api}:enable` });
    expect(vulnerabilities).toMatchObject({
      state: 'not known',
      why: expect.stringContaining('is disabled'),
    });
  });

  test('a log that may not be read leaves the model not known', async () => {
    engine.cloud.access.withhold('storage.objects.get');
    const withLedger = { ...context, ledger: { ...context.ledger, read: async () => undefined } };
    expect((await image(withLedger)).model).toMatchObject({
      state: 'not known',
      why: expect.stringContaining('its log cannot be read'),
    });
  });

  test('another revision by its name; one that nobody built has no build record', async () => {
    const { template } = engine.service() as unknown as { template: { containers: { image: string }[] } };
    const { project, region } = engine.deployment;
    const name = `${region}-docker.pkg.dev/${project}/loan-repo/lightonocr-gpu`;
    const pushed = engine.cloud.registry.push({ name, tags: ['by-hand'], entrypoint: ['true'], env: {} });
    const revision = `${engine.deployment.service}-by-hand`;
    const containers = template.containers.map((container) => ({ ...container, image: `${name}@${pushed}` }));
    await engine.byHand({ template: { ...template, revision, labels: {}, containers } }, 'template');
    const found = await image(context, { revision });
    expect(found).toMatchObject({
      revision,
      percent: 0,
      digest: pushed,
      registry: { state: 'there', tags: ['by-hand'] },
      model: { state: 'not known', why: 'no build record' },
    });
    expect(found).not.toHaveProperty('sha');
  });

  test('by tag nothing is known: a tag moves', async () => {
    const { template } = engine.service() as unknown as { template: { containers: { image: string }[] } };
    const revision = `${engine.deployment.service}-by-tag`;
    const containers = template.containers.map(({ image: name, ...container }) => ({
      ...container,
      image: name.replace(/@.*/, ':by-hand'),
    }));
    await engine.byHand({ template: { ...template, revision, containers } }, 'template');
    const found = await image(context, { revision });
    expect(found).not.toHaveProperty('digest');
    expect(found).toMatchObject({ registry: { why: expect.stringContaining('by tag') } });
  });

  test('rejects a revision that does not exist', async () => {
    expect(await failureOf(image(context, { revision: 'none' }))).toMatchObject({
      code: 'UNKNOWN_REVISION',
      exitCode: 2,
      got: 'none',
    });
  });

  test('stops where nothing serves', async () => {
    const live = (await context.cloudRun.service())!;
    const service = () => Promise.resolve({ ...live, trafficStatuses: [] });
    expect(await failureOf(image({ ...context, cloudRun: { ...context.cloudRun, service } }))).toMatchObject({
      code: 'NO_REVISION',
      exitCode: 3,
    });
  });
});
