import { redactDeep, redactor } from '../../domain/redact';
import { servicePlan } from '../fixtures/plan';

const SECRET = 'p<q>&"t\\é';
const redact = redactor(
  servicePlan({}, { password: SECRET }, { service: { after_sensitive: { password: true } } }),
);

describe('redactor', () => {
  test.each<[string, string]>([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify({ a: SECRET })],
    // terraform console: jsonencode("p<q>&\\"t…") is "p\\u003cq\\u003e\\u0026\\"t…".
    ["in Terraform's jsonencode", '{"a":"p\\u003cq\\u003e\\u0026\\"t\\\\é"}'],
    ['in a line that shows that as JSON', JSON.stringify('{"a":"p\\u003cq\\u003e\\u0026\\"t\\\\é"}')],
    ['as base64', `Basic ${Buffer.from(SECRET).toString('base64')}`],
    ['in a URL', `https://x/?token=${encodeURIComponent(SECRET)}`],
  ])('hides a sensitive value %s', (_how, text) => {
    const shown = redact(text);
    expect(shown).toContain('(sensitive)');
    expect(shown).not.toMatch(/p(<|\\+u003c|%3C)q/);
  });

  test('hides what Terraform marks inside lists and maps, in drift and in outputs, and nothing else', () => {
    const mark = { list: [false, true], map: { token: true } };
    const plan = servicePlan(
      { list: ['open', 'before1'], map: { token: 'before2', name: 'open' } },
      { list: ['open', 'after01'], map: { token: 'after02', name: 'open' } },
      {
        service: { before_sensitive: mark, after_sensitive: mark },
        outputs: {
          key: {
            actions: ['update'],
            before: 'output1',
            after: { a: ['output2'] },
            before_sensitive: true,
            after_sensitive: true,
          },
        },
      },
    );
    const drifted = {
      actions: ['update' as const],
      before: { p: 'drifted' },
      after: {},
      before_sensitive: { p: true },
    };
    const redactAll = redactor({ ...plan, resource_drift: [{ address: 'a.b', type: 'a', change: drifted }] });
    const words = ['before1', 'before2', 'after01', 'after02', 'output1', 'output2', 'drifted', 'open'];
    expect(redactDeep({ words }, redactAll).words).toEqual([...Array<string>(7).fill('(sensitive)'), 'open']);
  });
});
