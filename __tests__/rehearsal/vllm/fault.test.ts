import { characterErrorRate } from '../../../domain/text/characterErrorRate';
import { garbled, parseFault } from '../../../rehearsal/vllm/fault';

describe('parseFault', () => {
  test.each<[string | undefined, object]>([
    [undefined, { kind: 'none' }],
    ['', { kind: 'none' }],
    ['garbage', { kind: 'garbage' }],
    ['cut', { kind: 'cut' }],
    ['crash-at-start', { kind: 'crash-at-start' }],
    ['errors-after:25', { kind: 'errors-after', completions: 25 }],
    ['model-missing', { kind: 'model-missing' }],
    ['slow-start:5000', { kind: 'slow-start', milliseconds: 5000 }],
    ['memory:400', { kind: 'memory', mebibytes: 400 }],
    ['slow:300', { kind: 'slow', milliseconds: 300 }],
  ])('reads %j', (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });

  test.each(['grabage', 'slow', 'slow:', 'errors-after:-1', 'slow:1 '])('rejects %j', (text) => {
    expect(() => parseFault(text)).toThrow(`unknown fault '${text}'`);
  });
});

describe('garbled', () => {
  test('keeps the length and is nothing like the text', () => {
    const text = 'Amount due: 1298.98 on 15 April';
    expect(garbled(text)).toHaveLength(text.length);
    expect(characterErrorRate(text, garbled(text))).toBeGreaterThan(0.5);
  });
});
