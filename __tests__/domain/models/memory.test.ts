import { findModel, type OcrModel } from '../../../domain/models';
import { deltaNetBytes } from '../../../domain/models/generation3';
import { kvCacheKibPerToken, longestSequence, sequenceGib } from '../../../domain/models/memory';

const GIB = 2 ** 30;
const model = (name: string) => findModel(name)!;

/**
 * A Qwen3.5 hybrid of 27 billion parameters, whose reservation others traced in vLLM 0.29.0 without prefix caching:
 * 17,366,515,712 B for 262,144 tokens. 64 layers, every fourth with full attention, 4 KV heads of 256, 48 value heads.
 */
const TRACED: OcrModel = {
  ...model('LightOnOCR-3-4B'),
  cache: {
    attentionLayers: 16,
    keyValueHeads: 4,
    headSize: 256,
    stateLayers: 48,
    stateBytes: deltaNetBytes(48),
  },
};

describe('kvCacheKibPerToken', () => {
  test.each([
    ['LightOnOCR-2-1B', 112], // 28 · 2 · 8 · 128 · 2 B
    ['LightOnOCR-3-1B', 112],
    ['LightOnOCR-3-0.8B', 12], // 6 · 2 · 2 · 256 · 2 B
    ['LightOnOCR-3-4B', 32], // 8 · 2 · 4 · 256 · 2 B
  ])('%s: %i', (name, kib) => expect(kvCacheKibPerToken(model(name))).toBe(kib));
});

describe('sequenceGib', () => {
  test('agrees with a reservation that was traced in vLLM', () => {
    expect(sequenceGib(TRACED, 262_144) * GIB).toBe(17_366_515_712);
  });

  test('without states it is the tokens alone, in whole blocks of 16', () => {
    expect(sequenceGib(model('LightOnOCR-2-1B'), 8192) * GIB).toBe(8192 * 112 * 1024);
    expect(sequenceGib(model('LightOnOCR-2-1B'), 8177)).toBe(sequenceGib(model('LightOnOCR-2-1B'), 8192));
  });

  test('with states a short sequence takes them all too', () => {
    // One block in each of 6 layers, one state in each of 18; a page is 544 tokens of 2 KiB.
    expect(sequenceGib(model('LightOnOCR-3-0.8B'), 1) * GIB).toBe(24 * 544 * 2048);
  });
});

describe('longestSequence', () => {
  test.each(['LightOnOCR-2-1B', 'LightOnOCR-3-0.8B', 'LightOnOCR-3-4B'])(
    '%s: the longest that fits',
    (name) => {
      const longest = longestSequence(model(name), 1);
      expect(sequenceGib(model(name), longest)).toBeLessThanOrEqual(1);
      expect(sequenceGib(model(name), longest + 1)).toBeGreaterThan(1);
    },
  );

  test('is 0 where not even the states fit', () => {
    expect(longestSequence(model('LightOnOCR-3-4B'), 0.01)).toBe(0);
    expect(longestSequence(model('LightOnOCR-2-1B'), -1)).toBe(0);
  });
});
