import { sha256 } from '../../../domain/canonical';
import { type PlanRecord, planStore } from '../../../release/adapters/planStore';
import { DEPLOYMENT } from '../../constructs/deployment';
import { memoryStorage } from '../../fixtures/storage';

const BUCKET = 'example-project-lightonocr-plans';
const FILE = Buffer.from('a plan file');
const RECORD: PlanRecord = {
  deployment: 'example',
  sha: 'sha',
  digest: 'digest',
  templateHash: 'template',
  revision: 'svc-a',
  labelSha: 'sha',
  fingerprint: 'fingerprint',
  plannedAt: '2026-01-01T00:00:00.000Z',
  document: { sha: 'sha', providers: {}, resources: [], outputs: [] },
};
const start = () => {
  const storage = memoryStorage();
  return { storage, store: planStore(storage, DEPLOYMENT) };
};

describe('planStore', () => {
  test('gives back what was saved, under an id that covers file and record', async () => {
    const { store } = start();
    const id = await store.save(RECORD, FILE);
    expect(id).toBe(sha256(JSON.stringify({ ...RECORD, fileSha256: sha256(FILE) })));
    expect(await store.load(id)).toEqual({ record: RECORD, file: FILE });
  });

  test('only ever creates', async () => {
    const { storage, store } = start();
    const id = await store.save(RECORD, FILE);
    expect(storage.writes).toEqual([
      `${BUCKET}/example/${id}.tfplan if 0`,
      `${BUCKET}/example/${id}.json if 0`,
    ]);
  });

  test('leaves a plan that is there as it is', async () => {
    const { storage, store } = start();
    const id = await store.save(RECORD, FILE);
    const before = new Map(storage.objects);
    expect(await store.save(RECORD, FILE)).toBe(id);
    expect(storage.objects).toEqual(before);
  });

  test.each([429, 500, 502, 503, 504])('tries again after %d', async (status) => {
    const { storage, store } = start();
    storage.refusals.push(status, status);
    const id = await store.save(RECORD, FILE);
    expect(await store.load(id)).toEqual({ record: RECORD, file: FILE });
  });

  test.each([
    ['no JSON', '<html>'],
    ['another thing', '{"sha": 7}'],
  ])('rejects a record that is %s', async (_what, text) => {
    const { storage, store } = start();
    const id = sha256(text);
    storage.objects.set(`${BUCKET}/example/${id}.tfplan`, { content: FILE, generation: '8' });
    storage.objects.set(`${BUCKET}/example/${id}.json`, { content: Buffer.from(text), generation: '9' });
    await expect(store.load(id)).rejects.toMatchObject({
      code: 'PLAN_UNREADABLE',
      exitCode: 3,
      where: `gs://${BUCKET}/example/${id}.json`,
      remedy: expect.stringContaining('plan example --sha') as string,
    });
  });

  test('rejects what storage refuses for another reason', async () => {
    const { storage, store } = start();
    storage.refusals.push(403);
    await expect(store.save(RECORD, FILE)).rejects.toMatchObject({ code: 'API_403' });
  });

  test.each(['tfplan', 'json'])('rejects a .%s that is not the one that was written', async (ending) => {
    const { storage, store } = start();
    const id = await store.save(RECORD, FILE);
    const name = `${BUCKET}/example/${id}.${ending}`;
    const other = ending === 'json' ? JSON.stringify({ ...RECORD, revision: 'svc-other' }) : 'another';
    storage.objects.set(name, { content: Buffer.from(other), generation: '9' });
    await expect(store.load(id)).rejects.toMatchObject({
      code: 'PLAN_TAMPERED',
      exitCode: 3,
      where: `gs://${name}`,
    });
  });

  test.each(['tfplan', 'json'])('rejects a plan without its .%s', async (ending) => {
    const { storage, store } = start();
    const id = await store.save(RECORD, FILE);
    storage.objects.delete(`${BUCKET}/example/${id}.${ending}`);
    await expect(store.load(id)).rejects.toMatchObject({
      code: 'UNKNOWN_PLAN',
      exitCode: 2,
      got: id,
      remedy: expect.stringContaining('plan example --sha') as string,
    });
  });

  test("does not find another deployment's plan", async () => {
    const { storage, store } = start();
    const id = await store.save(RECORD, FILE);
    await expect(planStore(storage, { ...DEPLOYMENT, name: 'other' }).load(id)).rejects.toMatchObject({
      code: 'UNKNOWN_PLAN',
    });
  });
});
