import { DEFAULT_MODEL, findModel, modelNamed, MODELS } from '../../../domain/models';

describe('findModel', () => {
  test.each([
    ['its id', 'lightonai/LightOnOCR-3-4B', 'lightonai/LightOnOCR-3-4B'],
    ['a variant', 'lightonai/LightOnOCR-2-1B-bbox-soup', 'lightonai/LightOnOCR-2-1B'],
    ['a served name', 'LightOnOCR-3-0.8B', 'lightonai/LightOnOCR-3-0.8B'],
    ['other letters', 'LIGHTONOCR-3-1b', 'lightonai/LightOnOCR-3-1B'],
    [
      'a snapshot of the cache',
      '/model-cache/hub/models--lightonai--LightOnOCR-3-0.8B/snapshots/4a953edf',
      'lightonai/LightOnOCR-3-0.8B',
    ],
  ])('by %s', (_what, name, id) => expect(findModel(name)?.id).toBe(id));

  test.each(['', 'm', 'Qwen/Qwen3.5-4B', 'LightOnOCR-4-1B'])('knows nothing of %j', (name) => {
    expect(findModel(name)).toBeUndefined();
    expect(modelNamed(name)).toBe(DEFAULT_MODEL);
  });
});

/** From the makers' own table and client: https://github.com/lightonai/LightOnOCR. */
describe('MODELS', () => {
  test.each([
    ['lightonai/LightOnOCR-2-1B', 1540, 0.9, undefined, undefined],
    ['lightonai/LightOnOCR-3-0.8B', 2048, 1, 'grounding', { enable_thinking: false }],
    ['lightonai/LightOnOCR-3-1B', 1540, 1, 'grounding', undefined],
    ['lightonai/LightOnOCR-3-4B', 2048, 1, 'grounding', { enable_thinking: false }],
  ])('%s: %i px, top_p %d', (id, longestSidePixels, topP, groundingPrompt, chatTemplate) => {
    expect(findModel(id)).toMatchObject({
      grid: { longestSidePixels },
      sampling: { topP, temperature: 0.2 },
    });
    expect(findModel(id)).toHaveProperty('id', id);
    expect(findModel(id)?.groundingPrompt).toBe(groundingPrompt);
    expect(findModel(id)?.chatTemplate).toEqual(chatTemplate);
  });

  test('each is found by its own id, so no id holds another', () => {
    for (const model of MODELS) expect(findModel(model.id)).toBe(model);
  });
});
