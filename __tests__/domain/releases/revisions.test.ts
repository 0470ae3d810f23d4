import { chooseRevision, type RevisionState, type RevisionWish } from '../../../domain/releases/revisions';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const OLD_SHA = 'f'.repeat(40);
const DIGEST = `sha256:${'a'.repeat(64)}`;
const HASH = 'abcdef012345';
const NAME = 'svc-0123456-abcdef';

const revision = (name: string, change: Partial<RevisionState> = {}): RevisionState => ({
  name,
  labels: { 'template-hash': HASH, 'commit-sha': OLD_SHA },
  image: `us-docker.pkg.dev/p/r/i@${DIGEST}`,
  ready: 'yes',
  ...change,
});
const choose = (...existing: RevisionState[]) => chooseRevision('svc', SHA, DIGEST, HASH, existing);
const made = (name: string) => ({ revision: name, sha: SHA, reused: false });
const reused = (name: string, sha = OLD_SHA) => ({ revision: name, sha, reused: true });

describe('chooseRevision', () => {
  test.each<[what: string, existing: RevisionState[], choice: ReturnType<typeof choose>]>([
    ['makes the first one', [], made(NAME)],
    [
      "uses a ready one with this image and template, under its own commit's SHA",
      [revision('svc-old')],
      reused('svc-old'),
    ],
    [
      'takes the SHA of the release where the revision has no label',
      [revision('svc-old', { labels: { 'template-hash': HASH } })],
      reused('svc-old', SHA),
    ],
    ['waits for a pending one', [revision('svc-old', { ready: 'pending' })], reused('svc-old')],
    [
      'prefers a ready one to a pending one',
      [revision('svc-new', { ready: 'pending' }), revision('svc-old')],
      reused('svc-old'),
    ],
    [
      'makes one for another template',
      [revision('svc-old', { labels: { 'template-hash': 'other' } })],
      made(NAME),
    ],
    [
      'makes one for another image',
      [revision('svc-old', { image: `i@sha256:${'b'.repeat(64)}` })],
      made(NAME),
    ],
    [
      'makes one beside an image that only ends alike',
      [revision('svc-old', { image: `i:x${DIGEST}` })],
      made(NAME),
    ],
    ['never uses a failed name again', [revision(NAME, { ready: 'no' })], made(`${NAME}-2`)],
    [
      'makes a third after two that failed',
      [revision(`${NAME}-2`, { ready: 'no' }), revision(NAME, { ready: 'no' })],
      made(`${NAME}-3`),
    ],
    ['passes over a name that something else has', [revision(NAME, { labels: {} })], made(`${NAME}-2`)],
    ['makes one after a failed one of another commit', [revision('svc-old', { ready: 'no' })], made(NAME)],
    [
      'uses the second attempt that came up',
      [revision(NAME, { ready: 'no' }), revision(`${NAME}-2`)],
      reused(`${NAME}-2`),
    ],
  ])('%s', (_what, existing, choice) => {
    expect(choose(...existing)).toEqual(choice);
  });

  describe('of two alike, as a restart leaves them', () => {
    const alike = [revision(NAME), revision(`${NAME}-2`)];
    const wish = (wanted: RevisionWish, existing = alike) =>
      chooseRevision('svc', SHA, DIGEST, HASH, existing, wanted);

    test.each<[what: string, wanted: RevisionWish, choice: ReturnType<typeof choose>]>([
      ['uses the one that serves, whatever comes first', { serving: `${NAME}-2` }, reused(`${NAME}-2`)],
      ['would go back to the first without knowing', {}, reused(NAME)],
      ['uses one that is ready where none of them serves', { serving: 'svc-other' }, reused(NAME)],
      ['restarts under the next name', { serving: `${NAME}-2`, restart: {} }, made(`${NAME}-3`)],
      [
        'goes on with the one that a restart has begun',
        { serving: NAME, restart: { begun: `${NAME}-2` } },
        reused(`${NAME}-2`),
      ],
    ])('%s', (_what, wanted, choice) => {
      const ours = { labels: { 'template-hash': HASH, 'commit-sha': SHA } };
      const existing = alike.map((one) => ({ ...one, ...ours }));
      expect(wish(wanted, existing)).toEqual({ ...choice, sha: SHA });
    });

    test("restarts under the name of the serving revision's commit, after merges that made none", () => {
      const old = [revision('svc-fffffff-abcdef')];
      expect(wish({ serving: 'svc-fffffff-abcdef', restart: {} }, old)).toEqual({
        ...{ revision: 'svc-fffffff-abcdef-2', sha: OLD_SHA, reused: false },
      });
    });

    test('makes another when the one that was begun failed', () => {
      const failed = [revision(NAME), revision(`${NAME}-2`, { ready: 'no' })];
      expect(wish({ serving: NAME, restart: { begun: `${NAME}-2` } }, failed).reused).toBe(false);
    });

    test('uses no serving one that is not ready', () => {
      const broken = [revision(NAME), revision(`${NAME}-2`, { ready: 'no' })];
      expect(wish({ serving: `${NAME}-2` }, broken)).toEqual(reused(NAME));
    });
  });

  test('rejects a hundredth attempt', () => {
    const names = [NAME, ...Array.from({ length: 98 }, (_, at) => `${NAME}-${at + 2}`)];
    const failed = names.map((name) => revision(name, { ready: 'no' }));
    expect(choose(...failed.slice(0, 98))).toEqual(made(`${NAME}-99`));
    expect(() => choose(...failed)).toThrow(RangeError);
  });
});
