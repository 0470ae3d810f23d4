import { earliest } from '../../../domain/capacity/earliest';
import { random } from '../../../domain/random';

describe('earliest', () => {
  test('gives times in order, whatever order they were added in', () => {
    const source = random(5);
    const times = Array.from({ length: 500 }, () => source.below(100));
    const heap = earliest();
    times.forEach(heap.add);
    const taken = times.map(() => {
      const first = heap.first();
      heap.take();
      return first;
    });
    expect(taken).toEqual([...times].sort((a, b) => a - b));
    expect(heap.first()).toBe(Infinity);
  });

  test('takes and adds in turn', () => {
    const heap = earliest();
    heap.take();
    [5, 3].forEach(heap.add);
    heap.take();
    heap.add(4);
    expect(heap.first()).toBe(4);
  });
});
