import {
  attributeChanges,
  type Change,
  hasChanges,
  SENSITIVE,
  UNKNOWN,
  SERVICE_TYPE,
  type TerraformPlan,
  writesService,
} from '../../../domain/plan/plan';
import { resourceChange } from '../../fixtures/plan';

const change = (parts: Partial<Change>): Change => ({ actions: ['update'], ...parts });

describe('hasChanges', () => {
  const planOf = (parts: Partial<TerraformPlan>): TerraformPlan => ({
    terraform_version: '1.11.4',
    ...parts,
  });
  const resource = (...actions: Change['actions']) => ({
    resource_changes: [resourceChange('t.a', { actions })],
  });
  const output = (...actions: Change['actions']) => ({ output_changes: { url: { actions } } });

  test.each<[string, Partial<TerraformPlan>, boolean]>([
    ['nothing', {}, false],
    ['no-op', resource('no-op'), false],
    ['a data source that is read', resource('read'), false],
    ['an update', resource('update'), true],
    [
      'an import that changes nothing',
      { resource_changes: [resourceChange('t.a', { actions: ['no-op'], importing: { id: 'x' } })] },
      true,
    ],
    ['a replacement', resource('delete', 'create'), true],
    ['a resource that is forgotten', resource('forget'), true],
    ['an output that stays', output('no-op'), false],
    ['an output alone', output('update'), true],
  ])('%s: %s', (_what, parts, expected) => {
    expect(hasChanges(planOf(parts))).toBe(expected);
  });
});

describe('writesService', () => {
  test.each<[string, string, Change['actions'], boolean]>([
    ['a service that stays', SERVICE_TYPE, ['no-op'], false],
    ['a service that changes', SERVICE_TYPE, ['update'], true],
    ['a service that is made', SERVICE_TYPE, ['create'], true],
    ['a change of anything else', 't', ['update'], false],
  ])('%s', (_what, type, actions, expected) => {
    const changed = { ...resourceChange(`${type}.a`, { actions }), type };
    expect(writesService({ terraform_version: '1.11.4', resource_changes: [changed] })).toBe(expected);
  });
});

describe('attributeChanges', () => {
  test.each<
    [what: string, change: Partial<Change>, found: [path: string, before: unknown, after: unknown][]]
  >([
    ['nothing where all is the same', { before: { a: 1, b: [1] }, after: { b: [1], a: 1 } }, []],
    ['nothing in a resource without a value', { before: null, after: { n: null } }, []],
    [
      'a new sensitive value that is unknown, hidden',
      { before: null, after: {}, after_unknown: { p: true }, after_sensitive: { p: true } },
      [['p', SENSITIVE, SENSITIVE]],
    ],
    ['a value', { before: { a: 1, b: 2 }, after: { a: 1, b: 3 } }, [['b', 2, 3]]],
    ['a value of another type', { before: { a: 1 }, after: { a: '1' } }, [['a', 1, '1']]],
    ['false against absent', { before: { a: false }, after: {} }, [['a', false, null]]],
    ['null and absent as the same', { before: { a: null }, after: {} }, []],
    [
      'nested values by their path',
      { before: { a: { b: { c: 1, d: 2 } } }, after: { a: { b: { c: 5, d: 2 } } } },
      [['a.b.c', 1, 5]],
    ],
    [
      'array elements by their index',
      { before: { args: ['x', 'y'] }, after: { args: ['x', 'z', 'w'] } },
      [
        ['args.1', 'y', 'z'],
        ['args.2', null, 'w'],
      ],
    ],
    [
      'array elements that went',
      { before: { args: ['x', 'y'] }, after: { args: ['x'] } },
      [['args.1', 'y', null]],
    ],
    ['a whole resource that is created', { before: null, after: { a: 1, n: null, l: [] } }, [['a', null, 1]]],
    [
      'a whole resource that is deleted',
      { before: { a: 1, b: [{ c: 2 }] }, after: null },
      [
        ['a', 1, null],
        ['b.0.c', 2, null],
      ],
    ],
    [
      'a value that becomes unknown',
      { before: { a: 1 }, after: {}, after_unknown: { a: true } },
      [['a', 1, UNKNOWN]],
    ],
    [
      'a nested unknown',
      { before: { a: [{ b: 1 }] }, after: { a: [{}] }, after_unknown: { a: [{ b: true }] } },
      [['a.0.b', 1, UNKNOWN]],
    ],
    [
      'an unknown container as one',
      { before: { a: { b: 1 } }, after: {}, after_unknown: { a: true } },
      [['a', { b: 1 }, UNKNOWN]],
    ],
    [
      'an unknown that was not there',
      { before: null, after: {}, after_unknown: { id: true, tags: [] } },
      [['id', null, UNKNOWN]],
    ],
    [
      'a block without settings that comes',
      { before: { probe: [{ n: 1, tcp: [] }] }, after: { probe: [{ n: 1, tcp: [{ port: null }] }] } },
      [['probe.0.tcp.0', null, {}]],
    ],
    [
      'a block without settings that goes',
      { before: { tcp: [{ port: null }] }, after: { tcp: [] } },
      [['tcp.0', {}, null]],
    ],
    [
      'a sensitive value, hidden',
      { before: { p: 'old', q: 1 }, after: { p: 'new', q: 1 }, after_sensitive: { p: true } },
      [['p', SENSITIVE, SENSITIVE]],
    ],
    [
      'a value that was sensitive, hidden',
      { before: { p: 'old' }, after: { p: 'new' }, before_sensitive: { p: true }, after_sensitive: {} },
      [['p', SENSITIVE, SENSITIVE]],
    ],
    [
      'a nested sensitive value, hidden',
      {
        before: { env: [{ n: 'K', v: 'old' }] },
        after: { env: [{ n: 'K', v: 'new' }] },
        after_sensitive: { env: [{ v: true }] },
      },
      [['env.0.v', SENSITIVE, SENSITIVE]],
    ],
    [
      'a sensitive container, hidden as one',
      { before: { env: { a: 'x' } }, after: { env: { a: 'y' } }, after_sensitive: { env: true } },
      [['env', SENSITIVE, SENSITIVE]],
    ],
    [
      'a sensitive value that becomes unknown, hidden',
      { before: { p: 'old' }, after: {}, after_unknown: { p: true }, before_sensitive: { p: true } },
      [['p', SENSITIVE, SENSITIVE]],
    ],
    [
      'nothing of a sensitive value that stays',
      { before: { p: 'old' }, after: { p: 'old' }, after_sensitive: { p: true } },
      [],
    ],
    [
      'a whole resource that is sensitive, hidden',
      { before: { p: 'old' }, after: { p: 'new' }, after_sensitive: true },
      [['', SENSITIVE, SENSITIVE]],
    ],
  ])('finds %s', (_what, parts, found) => {
    expect(attributeChanges(change(parts))).toEqual(
      found.map(([path, before, after]) => ({ path, before, after })),
    );
  });
});
