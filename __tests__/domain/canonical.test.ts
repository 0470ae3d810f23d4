import fc from 'fast-check';
import { canonicalJson, sha256 } from '../../domain/canonical';

/** The same JSON with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, nested]) => [key, reversed(nested)] as const);
  return Object.fromEntries(entries.reverse());
}

describe('canonicalJson', () => {
  test.each<[what: string, value: unknown, text: string]>([
    [
      'sorts keys at every depth',
      { b: { d: 1, c: [{ f: 2, e: 3 }] }, a: null },
      '{"a":null,"b":{"c":[{"e":3,"f":2}],"d":1}}',
    ],
    ['keeps the order of arrays', [3, 1, 2], '[3,1,2]'],
    ['leaves undefined out', { a: undefined, b: 1 }, '{"b":1}'],
    ['tells strings from numbers', { a: '1' }, '{"a":"1"}'],
  ])('%s', (_what, value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test('loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('sha256', () => {
  // The test vector of FIPS 180-2, appendix B.1.
  const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  test.each<[string, string | Buffer]>([
    ['text', 'abc'],
    ['bytes', Buffer.from('abc')],
  ])('of %s', (_what, content) => {
    expect(sha256(content)).toBe(ABC);
  });
});
