import { givenFlags } from '../../../domain/vllmFlags/givenFlags';
import { valueProblem } from '../../../domain/vllmFlags/values';

const problem = (kind: string, ...args: string[]) => valueProblem(givenFlags(args)[0]!, kind);

describe('valueProblem', () => {
  test.each<[kind: string, args: string[]]>([
    ['boolean', ['--a']],
    ['boolean', ['--no-a']],
    ['switch', ['--a']],
    ['int', ['--a', '8k']],
    ['int', ['--a', '-1']],
    ['float', ['--a', '0.5']],
    ['float', ['--a=1e-3']],
    ['json', ['--a', '{"b": 1}']],
    ['json', ['--a.b', 'word']],
    ['text', ['--a', 'word']],
    ['list', ['--a', 'x', 'y']],
    ['optional', ['--a']],
    ['optional', ['--a', 'x']],
    ['auto|half', ['--a', 'half']],
  ])('%s: %j is right', (kind, args) => expect(problem(kind, ...args)).toBeUndefined());

  test.each<[kind: string, args: string[], words: string]>([
    ['boolean', ['--a', 'true'], 'takes no value'],
    ['switch', ['--a', '1'], 'takes no value'],
    ['switch', ['--no-a'], 'has no form with --no-'],
    ['int', ['--no-a'], 'has no form with --no-'],
    ['int', ['--a', '1.5'], 'takes a whole number'],
    ['int', ['--a'], 'takes one value'],
    ['float', ['--a', 'many'], 'takes a number'],
    ['json', ['--a', '{b: 1}'], 'takes JSON'],
    ['text', ['--a', 'x', 'y'], 'takes one value'],
    ['text', ['--a.b', 'x'], 'has no parts'],
    ['list', ['--a'], 'takes one value or more'],
    ['optional', ['--a', 'x', 'y'], 'takes one value at most'],
    ['auto|half', ['--a', 'hlaf'], 'takes one of auto, half'],
  ])('%s: rejects %j', (kind, args, words) => expect(problem(kind, ...args)).toBe(words));
});
