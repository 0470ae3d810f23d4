import { namedChanges, settingChanges } from '../../../domain/plan/containerSettings';
import type { Change } from '../../../domain/plan/plan';

interface Container {
  readonly args?: unknown[];
  readonly env?: unknown[];
}
const service = (container: Container | undefined) =>
  container === undefined ? null : { template: [{ containers: [container] }] };
const change = (before: Container | undefined, after: Container, parts: Partial<Change> = {}): Change => ({
  actions: ['update'],
  before: service(before),
  after: service(after),
  ...parts,
});
/** Path within the container, before, after. */
const found = (one: Change) =>
  namedChanges(one).map(({ path, before, after }) => [
    path.replace('template.0.containers.0.', ''),
    before,
    after,
  ]);
const plain = (name: string, value: string) => ({ name, value, value_source: [] });

describe('namedChanges', () => {
  test.each<[what: string, change: Change, found: [path: string, before: unknown, after: unknown][]]>([
    [
      'a flag that goes, and none of those behind it',
      change({ args: ['--a', '1', '--b', '2', '--c', '3'] }, { args: ['--b', '2', '--c', '3'] }),
      [['args.--a', '1', null]],
    ],
    [
      'one that comes, one that changes, one that is turned round',
      change({ args: ['--a', '1', '--no-b'] }, { args: ['--new', '--b', '--a=2'] }),
      [
        ['args.--a', '1', '2'],
        ['args.--b', 'false', 'true'],
        ['args.--new', null, 'true'],
      ],
    ],
    [
      'words that belong to no flag',
      change({ args: ['--a', '1'] }, { args: ['serve', '--a', '1'] }),
      [['args.words before any flag', null, 'serve']],
    ],
    [
      'the same flags in another order',
      change({ args: ['--a', '--api-key', 'hunter2'] }, { args: ['--api-key', 'hunter2', '--a'] }),
      [['args', ['--a', '--api-key', '(sensitive)'], ['--api-key', '(sensitive)', '--a']]],
    ],
    ['all of a create', change(undefined, { args: ['--a', '1'] }), [['args.--a', null, '1']]],
    [
      'flags that hold a secret',
      change({ args: ['--hf-token=hunter2', '--api-key', 'one', 'two'] }, { args: ['--api-key', 'three'] }),
      [
        ['args.--hf-token', '(sensitive)', null],
        ['args.--api-key', '(sensitive)', '(sensitive)'],
      ],
    ],
    [
      'a number of tokens, which is no secret',
      change({ args: [] }, { args: ['--max-num-batched-tokens', '8192'] }),
      [['args.--max-num-batched-tokens', null, '8192']],
    ],
    [
      'variables of ours by value, others by name',
      change(
        { env: [plain('HF_TOKEN', 'hunter2'), plain('DO_NOT_TRACK', '1'), plain('HF_HOME', '/a')] },
        { env: [plain('DO_NOT_TRACK', '0'), plain('HF_HOME', '/a')] },
      ),
      [
        ['env.HF_TOKEN', '(sensitive)', null],
        ['env.DO_NOT_TRACK', '1', '0'],
      ],
    ],
    [
      'another secret in the same variable',
      change({ env: [plain('HF_TOKEN', 'hunter2')] }, { env: [plain('HF_TOKEN', 'hunter3')] }),
      [['env.HF_TOKEN', '(sensitive)', '(sensitive)']],
    ],
    [
      'a reference to a secret, which names it',
      change(
        { env: [plain('HF_TOKEN', 'hunter2')] },
        {
          env: [{ name: 'HF_TOKEN', value_source: [{ secret_key_ref: [{ secret: 'hub', version: '3' }] }] }],
        },
      ),
      [['env.HF_TOKEN', '(sensitive)', 'secret hub, version 3']],
    ],
    [
      'a value that is known after the apply',
      change(
        { env: [] },
        { env: [{ name: 'BUILD', value_source: [] }] },
        { after_unknown: { template: [{ containers: [{ env: [{ value: true }] }] }] } },
      ),
      [['env.BUILD', null, '(known after apply)']],
    ],
    [
      'what Terraform marks, of our variables too',
      change(
        { env: [plain('HF_HOME', '/a')] },
        { env: [plain('HF_HOME', 'hunter2')] },
        { after_sensitive: { template: [{ containers: [{ env: [{ value: true }] }] }] } },
      ),
      [['env.HF_HOME', '/a', '(sensitive)']],
    ],
  ])('shows %s', (_what, one, expected) => {
    expect(found(one)).toEqual(expected);
    expect(JSON.stringify(namedChanges(one))).not.toContain('hunter');
  });

  test('leaves all other attributes as they are', () => {
    const one: Change = {
      actions: ['update'],
      before: { args: ['a'], name: 'x' },
      after: { args: ['b'], name: 'y' },
    };
    expect(namedChanges(one)).toEqual([
      { path: 'args.0', before: 'a', after: 'b' },
      { path: 'name', before: 'x', after: 'y' },
    ]);
  });
});

describe('settingChanges', () => {
  test('are the flags and variables alone', () => {
    const one = change({ args: ['--a'], env: [] }, { args: [], env: [plain('HF_HOME', '/a')] });
    const more = { ...one, after: { ...(one.after as object), description: 'x' } };
    expect(settingChanges(more).map(({ kind, name }) => [kind, name])).toEqual([
      ['flag', '--a'],
      ['environment', 'HF_HOME'],
    ]);
  });
});
