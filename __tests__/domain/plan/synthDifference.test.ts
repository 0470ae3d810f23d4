import { synthDifference } from '../../../domain/plan/synthDifference';

describe('synthDifference', () => {
  const stack = (resource: object) => ({ resource }) as never;
  test('creates, updates, deletes and leaves alone, whatever the order of keys and cdktf’s own notes', () => {
    const base = stack({ t: { same: { a: 1, b: 2, '//': 1 }, changed: { a: 1 }, gone: {} } });
    const head = stack({ t: { same: { b: 2, a: 1, '//': 2 }, changed: { a: 2 }, fresh: { a: 3 } } });
    const found = synthDifference(base, head).resource_changes!.map(({ address, change }) => [
      address,
      ...change.actions,
    ]);
    expect(found).toEqual([
      ['t.changed', 'update'],
      ['t.fresh', 'create'],
      ['t.gone', 'delete'],
      ['t.same', 'no-op'],
    ]);
  });
});
