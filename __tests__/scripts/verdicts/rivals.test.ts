import { playRule, type Rule } from '../../../scripts/verdicts/rivals';
import { QUIET, type World } from '../../../scripts/verdicts/world';

const blocked = (rule: Rule, world: Partial<World>) =>
  playRule(rule, { ...QUIET, ...world }, 100, 1).filter(({ outcome }) => outcome === 'blocked').length;

describe('playRule', () => {
  test.each<[rule: Rule, world: Partial<World>, least: number, most: number]>([
    ['limits', {}, 5, 30],
    ['limits', { candidateErrorRate: 0.5 }, 100, 100],
    ['limits', { pagesPerWindow: 0, latencyFactor: 2 }, 0, 10],
    ['mann-whitney', {}, 0, 5],
    ['mann-whitney', { latencyFactor: 2 }, 50, 100],
    ['mann-whitney', { pagesPerWindow: 0, latencyFactor: 2 }, 0, 0],
  ])('%s on %j blocks %i to %i of 100', (rule, world, least, most) => {
    expect(blocked(rule, world)).toBeGreaterThanOrEqual(least);
    expect(blocked(rule, world)).toBeLessThanOrEqual(most);
  });
});
