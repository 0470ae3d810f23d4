import { givenFlags } from '../../../domain/vllmFlags/givenFlags';

describe('givenFlags', () => {
  test.each<[string, string[], object[]]>([
    ['a value behind a space', ['--a-b', '1'], [{ name: 'a-b', values: ['1'], negated: false }]],
    ['a value behind =', ['--a=x=y'], [{ name: 'a', values: ['x=y'] }]],
    ['underscores', ['--a_b'], [{ name: 'a-b', written: '--a_b', values: [] }]],
    ['several values', ['--a', 'x', 'y', '--b'], [{ name: 'a', values: ['x', 'y'] }, { name: 'b' }]],
    ['no- in front', ['--no-a'], [{ name: 'a', negated: true }]],
    ['a number below zero', ['--a', '-1'], [{ name: 'a', values: ['-1'] }]],
    ['a part of JSON', ['--a.b.c', 'x'], [{ name: 'a', written: '--a.b.c', values: ['x'] }]],
    ['words before any flag', ['model'], [{ name: '', values: ['model'] }]],
    ['JSON', ['--a', '{"x": -1}'], [{ name: 'a', values: ['{"x": -1}'] }]],
    [
      'an inline value takes no more',
      ['--a=1', 'x'],
      [
        { name: 'a', values: ['1'] },
        { name: '', values: ['x'] },
      ],
    ],
  ])('%s', (_what, args, flags) => expect(givenFlags(args)).toMatchObject(flags));
});
