import { createOcrClient } from '../../ocr/client';
import { warmInstances } from '../../ocr/warmInstances';
import { startService, type Answer } from './service';

const MODELS: Answer = { body: { data: [{ id: 'm' }] } };
const ONE_TOKEN: Answer = {
  body: {
    choices: [{ message: { content: '' }, finish_reason: 'length' }],
    usage: { prompt_tokens: 116, completion_tokens: 1 },
  },
};

async function warm(answers: readonly Answer[], instances: number) {
  const service = await startService(...answers);
  try {
    const client = createOcrClient({ baseUrl: service.url, model: 'm', identityToken: async () => 't' });
    const warmed = await warmInstances(client, { budgetSeconds: 5, instances, concurrency: 12 });
    return { warmed, requests: service.requests };
  } finally {
    await service.close();
  }
}

describe('warmInstances', () => {
  test.each([
    [1, 1],
    [2, 13],
    [3, 25],
  ])('warms %d instances with %d requests: more than fewer instances hold', async (instances, sent) => {
    const { warmed, requests } = await warm([MODELS, ONE_TOKEN], instances);
    expect(warmed).toMatchObject({ sent, answered: sent, failures: [] });
    expect(requests.map(({ url }) => url)).toEqual([
      '/v1/models',
      ...Array(sent).fill('/v1/chat/completions'),
    ]);
    expect(JSON.parse(requests[1]?.body ?? '')).toMatchObject({ max_tokens: 1 });
  });

  test('says how many were not answered, and why', async () => {
    const { warmed } = await warm(
      [MODELS, { status: 429, body: '' }, { status: 429, body: '' }, ONE_TOKEN],
      2,
    );
    expect(warmed).toMatchObject({ sent: 13, answered: 11, failures: ['OVERLOADED', 'OVERLOADED'] });
  });
});
