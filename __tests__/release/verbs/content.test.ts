import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { fill, type Given } from '../../../deployments/fill';
import type { Deployment } from '../../../domain/deployment';
import { BUILD_FILE, contentTag, IMAGE_FOLDER, substitutions } from '../../../release/verbs/content';
import type { Git } from '../../../release/adapters/git';
import { DEPLOYMENT } from '../../constructs/deployment';

const TREE = {
  'gpu-container/Dockerfile': 'blob-1',
  'gpu-container/lib/start.py': 'blob-2',
  'cloudbuild/gpu-cloudbuild.yaml': 'blob-3',
  'cloudbuild/other.yaml': 'blob-4',
  'docs/guide.md': 'blob-5',
};

/** A repository whose every commit has these files, listed as `git ls-tree` does. */
const gitWith = (tree: Readonly<Record<string, string>>): Pick<Git, 'files'> => ({
  files: async (_sha, paths) =>
    Object.entries(tree)
      .filter(([path]) => paths.some((below) => path === below || path.startsWith(`${below}/`)))
      .map(([path, blob]) => `100644 blob ${blob}\t${path}`),
});
const tagOf = (tree: Readonly<Record<string, string>>, change: Given<Deployment> = {}, sha = 'sha') =>
  contentTag(gitWith(tree) as Git, sha, fill<Deployment>(DEPLOYMENT, change));
const { 'gpu-container/lib/start.py': _start, ...withoutStart } = TREE;

describe('contentTag', () => {
  test('is a tag that a registry takes', async () => {
    expect(await tagOf(TREE)).toMatch(/^content-[0-9a-f]{32}$/);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['a file of the container', { ...TREE, 'gpu-container/Dockerfile': 'blob-9' }],
    ['a file more in the container', { ...TREE, 'gpu-container/new': 'blob-9' }],
    ['a file less in the container', withoutStart],
    ['the build file', { ...TREE, 'cloudbuild/gpu-cloudbuild.yaml': 'blob-9' }],
  ])('is another for %s', async (_what, tree) => {
    expect(await tagOf(tree)).not.toBe(await tagOf(TREE));
  });

  test.each<[string, Given<Deployment>]>([
    ['the base image', { image: { base: 'vllm/vllm-openai:v0.33.0' } }],
    ["the base image's digest", { image: { baseDigest: `sha256:${'a'.repeat(64)}` } }],
    ['the model', { model: { id: 'lightonai/LightOnOCR-3-1B' } }],
    ["the model's commit", { model: { revision: 'f'.repeat(40) } }],
    ['no pin of transformers', { vllm: { transformersVersion: 'none' } }],
    ['the version of transformers', { vllm: { transformersVersion: '5.16.0' } }],
  ])('is another for %s', async (_what, change) => {
    expect(await tagOf(TREE, change)).not.toBe(await tagOf(TREE));
  });

  test.each<[string, Readonly<Record<string, string>>, Given<Deployment>]>([
    ['another file', { ...TREE, 'docs/guide.md': 'blob-9', 'cloudbuild/other.yaml': 'blob-9' }, {}],
    ['a flag, which is not in the image', TREE, { vllm: { maxNumSeqs: 9 } }],
    ['scaling and name', TREE, { name: 'other', scaling: { maxInstances: 9 } }],
  ])('is the same for %s', async (_what, tree, change) => {
    expect(await tagOf(tree, change)).toBe(await tagOf(TREE));
  });

  test('is the same for two commits with the same content', async () => {
    expect(await tagOf(TREE, {}, 'another-sha')).toBe(await tagOf(TREE));
  });
});

describe('substitutions', () => {
  test('are all known to the build file', () => {
    const file = parse(readFileSync(join(__dirname, '../../..', BUILD_FILE), 'utf8')) as {
      substitutions: Record<string, string>;
    };
    const pinned = fill<Deployment>(DEPLOYMENT, {
      image: { baseDigest: 'd' },
      model: { revision: 'r' },
      vllm: { transformersVersion: 'v' },
    });
    expect(Object.keys(file.substitutions)).toEqual(
      expect.arrayContaining(Object.keys(substitutions(pinned))),
    );
  });

  test('leave out what is not pinned', () => {
    expect(Object.keys(substitutions(DEPLOYMENT))).toEqual([
      '_REGION',
      '_REPOSITORY',
      '_IMAGE',
      '_VLLM_IMAGE',
      '_MODEL_ID',
      '_TRANSFORMERS_VERSION',
    ]);
  });

  test('hand over an empty version of transformers where none is to be installed: left out, it were the default', () => {
    const none = fill<Deployment>(DEPLOYMENT, { vllm: { transformersVersion: 'none' } });
    expect(substitutions(none)._TRANSFORMERS_VERSION).toBe('');
  });

  test('name paths that this repository has', () => {
    expect(readFileSync(join(__dirname, '../../..', IMAGE_FOLDER, 'Dockerfile'), 'utf8')).toContain('FROM');
  });
});
