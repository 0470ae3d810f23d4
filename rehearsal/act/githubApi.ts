import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GithubApi {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * What a deploy asks GitHub: who approves in an environment that is set up as docs/repository-setup.md says, and what is wrong
 * in CODEOWNERS (nothing). act asks nobody, so that nobody approves here; that the deploy stops without a rule is for the
 * gate's own tests.
 */
export async function startGithubApi(repository: string, environment: string): Promise<GithubApi> {
  const rules = [{ id: 1, type: 'required_reviewers', reviewers: [{ type: 'Team', reviewer: {} }] }];
  const answers: Readonly<Record<string, unknown>> = {
    [`/repos/${repository}/environments/${environment}`]: { name: environment, protection_rules: rules },
    [`/repos/${repository}/codeowners/errors`]: { errors: [] },
  };
  const server = createServer(({ url = '' }, response) => {
    const found = answers[url.split('?')[0]!];
    response
      .writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(found ?? { message: 'Not Found' }));
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
