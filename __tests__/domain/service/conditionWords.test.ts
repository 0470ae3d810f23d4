import { conditionWords, holdsYet } from '../../../domain/service/conditionWords';

const condition = (type: string, state: string, more: object = {}) => ({ type, state, ...more });

describe('conditionWords', () => {
  it.each<[string, object[], string[]]>([
    ['nothing is known', [], ['Cloud Run has said nothing of it yet']],
    ['all hold', [condition('Ready', 'CONDITION_SUCCEEDED')], []],
    [
      'the part says more than the whole',
      [
        condition('Ready', 'CONDITION_FAILED', { message: 'm' }),
        condition('ContainerHealthy', 'CONDITION_FAILED', {
          reason: 'HEALTH_CHECK_CONTAINER_ERROR',
          message: 'm',
        }),
      ],
      ['its container does not start: the container did not listen on its port in time: m'],
    ],
    [
      'the reason of a revision',
      [condition('ContainerReady', 'CONDITION_FAILED', { revisionReason: 'CONTAINER_MISSING' })],
      ['its image cannot be had: the image is not in the registry'],
    ],
    ['on its way', [condition('ResourcesAvailable', 'CONDITION_PENDING')], ['it waits for an instance']],
    ['only the whole', [condition('Ready', 'CONDITION_FAILED', { message: 'no' })], ['it is not ready: no']],
    ['one that is new', [condition('Weather', 'CONDITION_FAILED')], ['Weather does not hold']],
  ])('%s', (_what, conditions, words) => {
    expect(conditionWords(conditions)).toEqual(words);
  });
});

describe('holdsYet', () => {
  it.each([
    [['CONDITION_SUCCEEDED', 'CONDITION_SUCCEEDED'], 'yes'],
    [['CONDITION_SUCCEEDED', 'CONDITION_RECONCILING'], 'pending'],
    [['CONDITION_PENDING', 'CONDITION_FAILED'], 'no'],
    [[], 'pending'],
  ])('%j: %s', (states, wanted) => {
    expect(holdsYet(states.map((state) => condition('x', state)))).toBe(wanted);
  });
});
