import { readFileSync } from 'node:fs';
import path from 'node:path';
import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import { characterErrorRate } from '../../../domain/text/characterErrorRate';
import { MODEL, ROOT, startContainer, type Container } from './container';

const GOLDEN = path.join(ROOT, 'release', 'golden');
const url = `data:image/png;base64,${readFileSync(path.join(GOLDEN, 'page.png')).toString('base64')}`;

/** The server's end speaks the protocol when somebody else's client understands it. */
describe('the stand-in, driven by the official openai client', () => {
  let service: Container;
  let client: OpenAI;
  beforeAll(async () => {
    service = await startContainer();
    await service.ready();
    client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: 'none', maxRetries: 0 });
  });
  afterAll(() => service.stop());

  const ask = (rest: object = {}) =>
    client.chat.completions.create({
      model: MODEL,
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
      max_tokens: 4096,
      temperature: 0.2,
      ...rest,
    });

  test('lists its model', async () => {
    const models = [];
    for await (const model of client.models.list()) models.push(model.id);
    expect(models).toEqual([MODEL]);
  });

  test('reads the golden page', async () => {
    const { choices, usage } = await ask();
    expect(choices[0]?.finish_reason).toBe('stop');
    const text = readFileSync(path.join(GOLDEN, 'page.txt'), 'utf8');
    expect(characterErrorRate(text, choices[0]?.message.content ?? '')).toBeLessThanOrEqual(0.03);
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
  });

  test('says when it was cut', async () => {
    expect((await ask({ max_tokens: 5 })).choices[0]?.finish_reason).toBe('length');
  });

  test('rejects in a form that the client makes its own errors of', async () => {
    await expect(ask({ model: 'another' })).rejects.toBeInstanceOf(NotFoundError);
    await expect(ask({ max_tokens: 9000 })).rejects.toBeInstanceOf(BadRequestError);
  });
});
