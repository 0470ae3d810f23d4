import { type Rule, when } from './rule';

/** What a registry calls an image's content. */
export const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** What goes into the image is named by content, not by a name that can move. */
export const pinsRule: Rule = ({ image: { base, baseDigest }, model }) => [
  ...when(base.includes('@') || !/:[^/]+$/.test(base), {
    code: 'BASE_WITHOUT_TAG',
    key: 'image.base',
    got: base,
    reason: 'It is an image with a tag, for people; its digest has a key of its own.',
    remedy: 'Write REPOSITORY:TAG here, and sha256:… as image.baseDigest.',
  }),
  ...when(baseDigest !== undefined && !DIGEST.test(baseDigest), {
    code: 'BAD_DIGEST',
    key: 'image.baseDigest',
    got: baseDigest ?? '',
    reason: 'A digest is sha256: and 64 hexadecimal characters in lower case.',
    remedy: `Read it with: docker buildx imagetools inspect ${base}`,
  }),
  ...when(baseDigest === undefined, {
    code: 'BASE_NOT_PINNED',
    key: 'image.baseDigest',
    got: 'nothing',
    reason: 'A tag can move: two builds of one commit may differ.',
    remedy: `Read the digest with: docker buildx imagetools inspect ${base}`,
    severity: 'warning',
  }),
  ...when(model.revision === undefined, {
    code: 'MODEL_NOT_PINNED',
    key: 'model.revision',
    got: 'nothing',
    reason: 'The model repository can move: two builds of one commit may hold different weights.',
    remedy: `Write the commit from https://huggingface.co/${model.id}/commits/main.`,
    severity: 'warning',
  }),
];
