import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { configurationPage, jsonSchema, kindOf, schemaKeys } from '../../scripts/configuration-page';
import { GENERATED } from '../../scripts/docs';
import { generatedPage } from '../../scripts/generated';
import { identitiesPage } from '../../scripts/identities-page';

describe('GENERATED', () => {
  test.each(GENERATED.map((page) => [basename(page.file), page] as const))(
    '%s is as the code makes it; else: npm run docs',
    (_name, { file, text }) => {
      const current = readFileSync(file, 'utf8');
      expect(text(current)).toBe(current);
    },
  );

  test.each([
    ['a permission', identitiesPage, '`run.services.update`', '`run.services.delete`'],
    ['a default', configurationPage, '| `1540` |', '| `1120` |'],
  ])('notices that %s differs', (_what, { file, text }, is, wrong) => {
    const current = readFileSync(file, 'utf8');
    const stale = current.replace(is, wrong);
    expect(stale).not.toBe(current);
    expect(text(stale)).toBe(current);
  });

  test('rejects a page without its marks', () => {
    expect(() => generatedPage('x.md', 'y.ts', () => '').text('prose alone')).toThrow(
      'has no <!-- made from',
    );
  });
});

describe('schemaKeys', () => {
  test('says of every key what it is', () => {
    const keys = [...schemaKeys(jsonSchema())];
    expect(keys.length).toBeGreaterThan(60);
    expect(keys.filter(([, { description }]) => !description).map(([key]) => key)).toEqual([]);
  });

  test('has the keys of every variant of a union, with its choices together', () => {
    const schema = z.toJSONSchema(
      z.object({
        state: z.discriminatedUnion('backend', [
          z.object({ backend: z.literal('a') }),
          z.object({ backend: z.literal('b'), path: z.string() }),
        ]),
      }),
    );
    const keys = schemaKeys(schema as never);
    expect([...keys.keys()]).toEqual(['state.backend', 'state.path']);
    expect(kindOf(keys.get('state.backend')!)).toBe('`a` or `b`');
  });
});

describe('kindOf', () => {
  test.each([
    [z.int().min(1), 'whole number from 1'],
    [z.number().min(0).max(1), 'number, 0 to 1'],
    [z.array(z.string()), 'list of text'],
    [z.array(z.object({ percent: z.number() })), 'list of `percent`'],
    [z.boolean(), 'true or false'],
  ])('%#: %s', (type, kind) => {
    expect(kindOf(z.toJSONSchema(type) as never)).toBe(kind);
  });
});
