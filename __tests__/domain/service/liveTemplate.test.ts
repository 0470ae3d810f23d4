import { flagsOf, gibOf, serveFlags, vcpuOf } from '../../../domain/service/liveTemplate';

describe('flagsOf', () => {
  it.each<[string[], [string, string][]]>([
    [
      ['--a', '1', '--b=2'],
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [['--a_b', '1'], [['a-b', '1']]],
    [
      ['--on', '--no-off'],
      [
        ['on', 'true'],
        ['off', 'false'],
      ],
    ],
    [['--list', 'x', 'y'], [['list', 'x y']]],
    [['--json', '{"image": 1}'], [['json', '{"image": 1}']]],
    [
      ['model', '--a', '-1'],
      [
        ['', 'model'],
        ['a', '-1'],
      ],
    ],
    [[], []],
  ])('%j', (args, flags) => {
    expect([...flagsOf(args)]).toEqual(flags);
  });
});

describe('serveFlags', () => {
  it.each<[string[], [string, string][]]>([
    [
      ['owner/model', '--port', '1'],
      [
        ['model', 'owner/model'],
        ['port', '1'],
      ],
    ],
    [['--model', 'owner/model'], [['model', 'owner/model']]],
    [
      ['serve', '--model', 'm'],
      [
        ['', 'serve'],
        ['model', 'm'],
      ],
    ],
    [['serve'], [['', 'serve']]],
    [['serve', 'owner/model'], [['', 'serve owner/model']]],
  ])('%j', (args, flags) => {
    expect([...serveFlags(args)]).toEqual(flags);
  });
});

test.each([
  ['8', 8],
  ['4000m', 4],
  ['500m', 0.5],
  ['x', NaN],
])('vcpuOf %s', (quantity, vcpu) => expect(vcpuOf(quantity)).toBe(vcpu));

test.each([
  ['32Gi', 32],
  ['16384Mi', 16],
  ['1073741824', 1],
  ['32', 32 / 2 ** 30],
  ['32Zi', NaN],
])('gibOf %s', (quantity, gib) => expect(gibOf(quantity)).toBe(gib));
