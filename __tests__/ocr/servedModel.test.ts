import { chooseModel } from '../../ocr/servedModel';

const choose = (names: readonly string[], wanted?: string) =>
  chooseModel(
    names.map((name) => ({ name })),
    wanted,
    'http://gpu:8000',
  ).name;

describe('chooseModel', () => {
  test.each<[what: string, names: readonly string[], wanted: string | undefined, chosen: string]>([
    ['the only one', ['anything'], undefined, 'anything'],
    ['the one that is known', ['chat', 'lightonai/LightOnOCR-2-1B'], undefined, 'lightonai/LightOnOCR-2-1B'],
    ['the one that is named', ['a', 'b'], 'b', 'b'],
  ])('takes %s', (_what, names, wanted, chosen) => {
    expect(choose(names, wanted)).toBe(chosen);
  });

  test('knows a model by what it was loaded from', () => {
    const served = [{ name: 'chat' }, { name: 'ocr', root: '/models/LightOnOCR-2-1B' }];
    expect(chooseModel(served, undefined, 'http://gpu:8000')).toBe(served[1]);
  });

  test.each<[names: readonly string[], wanted: string | undefined, code: string, got: string]>([
    [['a'], 'b', 'MODEL_NOT_SERVED', 'a'],
    [['a', 'b'], undefined, 'MODEL_NOT_NAMED', 'a, b'],
    [[], undefined, 'MODEL_NOT_NAMED', 'no models'],
  ])('rejects %j where %s is wanted', (names, wanted, code, got) => {
    expect(() => choose(names, wanted)).toThrow(expect.objectContaining({ code, got }));
  });
});
