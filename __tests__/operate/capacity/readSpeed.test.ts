import { loadDeployment } from '../../../deployments/load';
import { ASSUMED_SPEED } from '../../../domain/capacity/speed';
import { readSpeed } from '../../../operate/capacity/readSpeed';
import { ApiError } from '../../../release/adapters/google/googleApi';
import { memoryStorage } from '../../fixtures/storage';

const deployment = loadDeployment('production');
const NAME = 'my-project-lightonocr-ledger/production/probe.json';

describe('readSpeed', () => {
  const read = async (content?: string) => {
    const storage = memoryStorage();
    if (content !== undefined) storage.objects.set(NAME, { content: Buffer.from(content), generation: '1' });
    const said: string[] = [];
    const speed = await readSpeed({ storage, deployment, progress: (line) => said.push(line) });
    return { speed, said };
  };

  test('takes what was measured, and says when and where', async () => {
    const record = { at: '2026-11-20T10:00:00Z', pagesPerSecond: 0.8, startSeconds: 70, gpu: 'L4' };
    expect(await read(JSON.stringify(record))).toEqual({
      speed: { pagesPerSecond: 0.8, startSeconds: 70, source: `measured 2026-11-20 (gs://${NAME})` },
      said: [],
    });
  });

  test('assumes where nobody has measured', async () => {
    expect(await read()).toEqual({ speed: ASSUMED_SPEED, said: [] });
  });

  test.each(['{', '{}', '{"at":"2026-11-20T10:00:00Z","pagesPerSecond":0,"startSeconds":1}'])(
    'assumes, and says so, for a record that is none: %s',
    async (content) => {
      const { speed, said } = await read(content);
      expect(speed).toBe(ASSUMED_SPEED);
      expect(said).toEqual([`gs://${NAME} cannot be read: the speed is assumed`]);
    },
  );

  test('assumes where it may not be read; rejects what is no answer', async () => {
    const refusing = (status: number) => ({
      ...memoryStorage(),
      read: () => Promise.reject(new ApiError(status, 'no', { where: 'storage', remedy: 'none' })),
    });
    const progress = () => undefined;
    await expect(readSpeed({ storage: refusing(403), deployment, progress })).resolves.toBe(ASSUMED_SPEED);
    await expect(readSpeed({ storage: refusing(503), deployment, progress })).rejects.toMatchObject({
      code: 'API_503',
    });
  });
});
