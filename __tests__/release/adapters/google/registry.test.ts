import { ApiError, type ApiRequest, type CallApi } from '../../../../release/adapters/google/googleApi';
import { registry } from '../../../../release/adapters/google/registry';
import { fakeClock } from '../../../fixtures/clock';
import { DEPLOYMENT } from '../../../constructs/deployment';

const NAME = 'projects/example-project/locations/us-central1/repositories/loan-repo/packages/lightonocr-gpu';
const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;

/** Artifact Registry with these tags and the images A and B; every answer else is `status`. Keeps the writes. */
function registryWith(
  tags: Record<string, string>,
  status = 404,
  write: (request: ApiRequest) => unknown = ({ body }) => body,
) {
  const writes: ApiRequest[] = [];
  const call = async (api: string, request: ApiRequest) => {
    if (api !== 'artifactregistry') throw new Error(`not the registry's API: ${api}`);
    const answer = (data: unknown) => ({ status: 200, headers: new Headers(), data });
    if (request.method !== undefined) {
      writes.push(request);
      return answer(write(request));
    }
    const [kind, id] = request.path.slice(`/v1/${NAME}/`.length).split('/') as [string, string];
    if (kind === 'tags' && tags[id])
      return answer({ name: `${NAME}/tags/${id}`, version: `${NAME}/versions/${tags[id]}` });
    if (kind === 'versions' && [A, B].includes(id)) return answer({ name: `${NAME}/versions/${id}` });
    throw new ApiError(status, 'no', { where: request.path, remedy: 'none' });
  };
  return { writes, images: registry(call as CallApi, DEPLOYMENT, fakeClock()) };
}

describe('registry', () => {
  test('digestOf: is what the tag names, or none', async () => {
    const { images } = registryWith({ '0123456': A });
    expect([await images.digestOf('0123456'), await images.digestOf('unknown')]).toEqual([A, undefined]);
  });

  test('has: knows an image by its digest', async () => {
    const { images } = registryWith({});
    expect([await images.has(A), await images.has(`sha256:${'c'.repeat(64)}`)]).toEqual([true, false]);
  });

  test.each([429, 503])('tag: tries again after %d, and knows the write that landed', async (status) => {
    const tags: Record<string, string> = {};
    const { writes, images } = registryWith(tags, 404, (request) => {
      const { name, version } = request.body as { name: string; version: string };
      if (writes.length === 2) tags[name.split('/').at(-1)!] = version.split('/').at(-1)!;
      throw new ApiError(status, 'try again', { where: request.path, remedy: 'none' });
    });
    await images.tag('0123456', A);
    expect(writes).toHaveLength(2);
    expect(tags).toEqual({ '0123456': A });
  });

  test.each(['digestOf', 'has'] as const)('%s: rejects an answer that says neither', async (question) => {
    await expect(registryWith({}, 403).images[question]('x')).rejects.toMatchObject({ code: 'API_403' });
  });

  test('tag: creates one that is new', async () => {
    const { images, writes } = registryWith({});
    await images.tag('new', A);
    expect(writes).toEqual([
      {
        method: 'POST',
        path: `/v1/${NAME}/tags`,
        query: { tagId: 'new' },
        body: { name: `${NAME}/tags/new`, version: `${NAME}/versions/${A}` },
      },
    ]);
  });

  test('tag: moves one that names another image', async () => {
    const { images, writes } = registryWith({ old: A });
    await images.tag('old', B);
    expect(writes).toEqual([
      {
        method: 'PATCH',
        path: `/v1/${NAME}/tags/old`,
        query: { updateMask: 'version' },
        body: { name: `${NAME}/tags/old`, version: `${NAME}/versions/${B}` },
      },
    ]);
  });

  test('tag: leaves one that names the image already', async () => {
    const { images, writes } = registryWith({ old: A });
    await images.tag('old', A);
    expect(writes).toEqual([]);
  });
});
