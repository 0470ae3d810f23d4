import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The one question that deploy.yml asks GitHub, and its answer in an environment set up as docs/repository-setup.md says: who
 * approves. act asks nobody, so that nobody approves here; that the deploy stops without a rule is for the gate's own tests.
 */
export async function startGithubApi(
  repository: string,
  environment: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const rules = [{ id: 1, type: 'required_reviewers', reviewers: [{ type: 'Team', reviewer: {} }] }];
  const server = createServer((request, response) => {
    const asked = request.url === `/repos/${repository}/environments/${environment}`;
    response
      .writeHead(asked ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(asked ? { name: environment, protection_rules: rules } : { message: 'Not Found' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
