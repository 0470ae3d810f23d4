import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import { INSTANCE, LOCATION, type Rig, startRig, IMAGE, type Json } from './harness';

const BUILDS = `/v1/${LOCATION}/builds`;
const DOCKERFILE =
  'FROM vllm/vllm-openai:v0.30.0\nENV HF_HOME=/model-cache \\\n    HF_HUB_OFFLINE="1"\n# ENV NOT=this\nENV FAULT=none\n';

async function archive(files: Record<string, string>): Promise<Uint8Array> {
  const cwd = mkdtempSync(join(tmpdir(), 'source-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), content);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of create({ gzip: true, cwd }, ['.'])) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('cloudBuild', () => {
  let rig: Rig;
  beforeEach(async () => {
    const start = Date.parse('2026-11-25T12:00:00Z');
    rig = await startRig({ buckets: ['sources', 'p-logs'], buildSeconds: 0.3, start });
  });
  afterEach(() => rig.cloud.stop());

  async function submit(files: Record<string, string>, change: Record<string, unknown> = {}) {
    await rig.call(
      'POST',
      '/upload/storage/v1/b/sources/o?uploadType=media&name=s.tgz',
      await archive(files),
    );
    const { status, json } = await rig.call('POST', BUILDS, {
      source: { storageSource: { bucket: 'sources', object: 's.tgz' } },
      steps: [{ name: 'gcr.io/cloud-builders/docker', args: ['build'] }],
      images: ['us-central1-docker.pkg.dev/$PROJECT_ID/${_REPOSITORY}/lightonocr-gpu:$SHORT_SHA'],
      substitutions: { _REPOSITORY: 'loan-repo', SHORT_SHA: 'abc1234' },
      tags: ['sha-abc1234'],
      ...change,
    });
    return { status, json, id: json.metadata?.build.id as string };
  }
  async function finished(id: string): Promise<Json> {
    for (;;) {
      const { json } = await rig.call('GET', `${BUILDS}/${id}`);
      if (json.status !== 'WORKING') return json;
      await rig.clock.sleep(0.3);
    }
  }

  it('builds an image: environment of the Dockerfile, tag from the substitutions', async () => {
    const { json, id } = await submit({ 'gpu-container/Dockerfile': DOCKERFILE });
    expect(json.metadata.build).toMatchObject({ status: 'QUEUED' });
    expect((await rig.call('GET', `${BUILDS}/${id}`)).json.status).toBe('WORKING');
    const build = await finished(id);
    const [image] = build.results.images;
    expect(build.status).toBe('SUCCESS');
    expect(image.name).toBe(`${IMAGE}:abc1234`);
    expect(rig.cloud.registry.find(`${IMAGE}:abc1234`)).toEqual({
      digest: image.digest,
      entrypoint: INSTANCE,
      env: { HF_HOME: '/model-cache', HF_HUB_OFFLINE: '1', FAULT: 'none' },
      sizeBytes: Buffer.byteLength(DOCKERFILE),
      uploadTime: build.finishTime,
    });
  });

  it('gives the digest of the files below gpu-container, and of nothing else', async () => {
    const digest = async (files: Record<string, string>) =>
      (await finished((await submit(files)).id)).results.images[0].digest as string;
    const first = await digest({
      'gpu-container/Dockerfile': DOCKERFILE,
      'gpu-container/a': '1',
      'README.md': 'x',
    });
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(
      await digest({ 'gpu-container/Dockerfile': DOCKERFILE, 'gpu-container/a': '1', 'README.md': 'y' }),
    ).toBe(first);
    expect(await digest({ 'gpu-container/Dockerfile': DOCKERFILE, 'gpu-container/a': '2' })).not.toBe(first);
    expect(await digest({ 'gpu-container/Dockerfile': DOCKERFILE, 'gpu-container/b': '1' })).not.toBe(first);
  });

  it('fails without a Dockerfile and names it', async () => {
    const build = await finished((await submit({ 'README.md': 'x' })).id);
    expect(build.status).toBe('FAILURE');
    expect(build.failureInfo.detail).toContain('gpu-container/Dockerfile');
    expect(build.statusDetail).toBe(build.failureInfo.detail);
  });

  it('fails without a source', async () => {
    const { id } = await submit({}, { source: { storageSource: { bucket: 'sources', object: 'gone' } } });
    expect((await finished(id)).failureInfo.detail).toContain('gs://sources/gone');
  });

  it('writes a log into the bucket that is named, a step in front of each line, and says which step failed', async () => {
    const { id } = await submit(
      { 'README.md': 'x' },
      {
        logsBucket: 'gs://$PROJECT_ID-logs',
        steps: [
          { id: 'build', name: 'docker' },
          { id: 'scan', name: 'gcloud' },
        ],
      },
    );
    const build = await finished(id);
    expect(build.logsBucket).toBe('gs://p-logs');
    expect(build.steps).toMatchObject([{ id: 'build', status: 'FAILURE' }, { id: 'scan' }]);
    expect(build.steps[1].status).toBeUndefined();
    const log = rig.cloud.storage.read('p-logs', `log-${id}.txt`)!.content.toString();
    expect(log).toMatch(/^starting build .*\n\nStep #0 - "build": unable to evaluate/);
  });

  it('ends a build that takes longer than its timeout', async () => {
    const { id } = await submit({ 'gpu-container/Dockerfile': DOCKERFILE }, { timeout: '0.01s' });
    expect(await finished(id)).toMatchObject({ status: 'TIMEOUT', steps: [{ status: 'TIMEOUT' }] });
    expect(rig.cloud.registry.find(`${IMAGE}:abc1234`)).toBeUndefined();
  });

  it('lists by tag and status, and cancels', async () => {
    const list = async (filter: string) =>
      (await rig.call('GET', `${BUILDS}?filter=${encodeURIComponent(filter)}`)).json.builds as Json[];
    const done = (await submit({ 'gpu-container/Dockerfile': DOCKERFILE })).id;
    await finished(done);
    const running = (await submit({ 'gpu-container/Dockerfile': DOCKERFILE }, { tags: ['other'] })).id;
    expect(await list('tags="sha-abc1234" AND status="SUCCESS"')).toMatchObject([{ id: done }]);
    expect(await list('tags="sha-abc1234" AND status="WORKING"')).toEqual([]);
    expect((await rig.call('POST', `${BUILDS}/${running}:cancel`, {})).json.status).toBe('CANCELLED');
    expect((await finished(running)).status).toBe('CANCELLED');
    expect((await rig.call('GET', `${BUILDS}?filter=x`)).status).toBe(400);
  });

  it('rejects an image name with a substitution that is not given', async () => {
    const { status, json } = await submit({}, { substitutions: {} });
    expect([status, json.error.message]).toEqual([400, expect.stringContaining('_REPOSITORY')]);
  });
});

describe('registry', () => {
  const PACKAGE = `/v1/${LOCATION}/repositories/loan-repo/packages/lightonocr-gpu`;
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.cloud.stop());

  it('resolves a tag, adds one once, and moves it only by PATCH', async () => {
    const tag = (await rig.call('GET', `${PACKAGE}/tags/t`)).json;
    expect(tag).toEqual({
      name: `${PACKAGE.slice(4)}/tags/t`,
      version: `${PACKAGE.slice(4)}/versions/${rig.digest}`,
    });
    const other = rig.cloud.registry.push({ name: IMAGE, tags: [], entrypoint: ['x'], env: {} });
    const body = { version: (tag.version as string).replace(rig.digest, other) };
    expect((await rig.call('POST', `${PACKAGE}/tags?tagId=new`, body)).status).toBe(200);
    expect((await rig.call('POST', `${PACKAGE}/tags?tagId=new`, tag)).status).toBe(409);
    expect((await rig.call('PATCH', `${PACKAGE}/tags/t?updateMask=version`, body)).status).toBe(200);
    expect(rig.cloud.registry.find(`${IMAGE}:t`)?.digest).toBe(other);
    expect(
      (await rig.call('GET', `${PACKAGE}/tags?filter=${encodeURIComponent(`version="${body.version}"`)}`))
        .json.tags,
    ).toHaveLength(2);
  });

  it('pages through tags', async () => {
    rig.cloud.registry.push({ name: IMAGE, tags: ['u', 'v'], entrypoint: [], env: {} });
    const first = (await rig.call('GET', `${PACKAGE}/tags?pageSize=2`)).json;
    const second = (await rig.call('GET', `${PACKAGE}/tags?pageSize=2&pageToken=${first.nextPageToken}`))
      .json;
    expect([...first.tags, ...second.tags].map(({ name }: { name: string }) => name.at(-1))).toEqual([
      't',
      'u',
      'v',
    ]);
    expect(second.nextPageToken).toBeUndefined();
  });

  it('reads and deletes a version by digest, and rejects one with tags', async () => {
    const version = `${PACKAGE}/versions/${rig.digest}`;
    expect((await rig.call('GET', version)).status).toBe(200);
    expect((await rig.call('GET', version.replace(/.{64}$/, '0'.repeat(64)))).status).toBe(404);
    expect((await rig.call('DELETE', version)).status).toBe(400);
    expect((await rig.call('DELETE', `${version}?force=true`)).json.done).toBe(true);
    expect(rig.cloud.registry.find(`${IMAGE}@${rig.digest}`)).toBeUndefined();
  });

  it.each(['tags/none', 'versions/sha256:none'])('rejects %s with 404', async (name) => {
    expect((await rig.call('GET', `${PACKAGE}/${name}`)).json.error).toMatchObject({
      code: 404,
      status: 'NOT_FOUND',
    });
  });
});
