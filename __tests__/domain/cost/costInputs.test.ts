import { COST_INPUTS, costInputs } from '../../../domain/cost/costInputs';

describe('costInputs', () => {
  test('names what was left at its default, with how sure that is; what was given is no assumption', () => {
    const { inputs, assumed } = costInputs({ hours: '10' });
    expect(inputs).toMatchObject({ hours: 10, pagesPerSecond: COST_INPUTS.pagesPerSecond.default });
    expect(assumed).toHaveLength(Object.keys(COST_INPUTS).length - 1);
    expect(assumed.find(({ flag }) => flag === '--pages-per-second')!.grade).toMatch(/^\[\?\] .*L4/);
    expect(assumed.map(({ flag }) => flag)).not.toContain('--hours');
  });

  test('takes every bound itself', () => {
    for (const [name, { from, to }] of Object.entries(COST_INPUTS)) {
      const rest = { burstPages: '10000000' };
      for (const bound of [from, to])
        expect(() => costInputs({ ...rest, [name]: String(bound) })).not.toThrow();
      for (const beyond of [from - 1, to + 1])
        expect(() => costInputs({ ...rest, [name]: String(beyond) })).toThrow(/number from/);
    }
  });

  test.each(['', ' ', 'many', 'NaN', 'Infinity', '1e400', '-1'])('rejects %j', (text) => {
    expect(() => costInputs({ pagesPerSecond: text })).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', exitCode: 2 }),
    );
  });

  test('rejects everything that is wrong at once', () => {
    expect(() => costInputs({ pagesPerDay: '1.5', hours: '25', storedGb: 'x' })).toThrow(
      /--pages-per-day .*; --hours .*; --stored-gb /,
    );
  });

  test('rejects bursts that follow each other without a pause, and says from which size on they do not', () => {
    const given = { pagesPerDay: '28801' };
    expect(() => costInputs({ ...given, burstPages: '10' })).toThrow(/from 11 on$/);
    expect(() => costInputs({ ...given, burstPages: '11' })).not.toThrow();
  });
});
