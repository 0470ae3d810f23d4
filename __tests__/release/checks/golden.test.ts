import { loadDeployment } from '../../../deployments/load';
import { systemClock } from '../../../ocr/clock';
import { clientFor } from '../../../release/checks/golden';
import { type Service, startService } from '../../ocr/service';

describe('clientFor', () => {
  let service: Service | undefined;
  afterEach(() => service?.close());

  test('takes a deployment whose requests may last longer than those of fetch', () => {
    const deployment = { ...loadDeployment('production'), requestTimeoutSeconds: 600 };
    const url = 'https://ocr.invalid';
    expect(
      clientFor({ deployment, identityToken: async () => 'a-token', clock: systemClock }, url, url).baseUrl,
    ).toBe(url);
  });

  test.each([
    ['as much text as the deployment says that a page may need', 5000, 5000],
    ['no less than the model card does: a cut page would be read smaller', 1234, 4096],
  ])('asks for %s', async (_what, textTokens, asked) => {
    const choices = [{ message: { content: 'read' }, finish_reason: 'stop' }];
    service = await startService({
      body: { choices, usage: { prompt_tokens: 1, completion_tokens: 1 } },
    });
    const production = loadDeployment('production');
    const deployment = { ...production, page: { ...production.page, textTokens } };
    const client = clientFor(
      { deployment, identityToken: async () => 'a-token', clock: systemClock },
      service.url,
      service.url,
    );
    await client.readPage({ data: Buffer.from('a page'), mediaType: 'image/png', width: 1089, height: 1540 });
    expect(JSON.parse(service.requests[0]?.body ?? '')).toMatchObject({ max_tokens: asked });
  });
});
