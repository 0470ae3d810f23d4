import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A comment or an issue, as a workflow's own token writes it. */
export interface Post {
  readonly id: number;
  readonly number: number;
  readonly user: { readonly login: string };
  title?: string;
  body: string;
  state?: string;
}

export interface GithubApi {
  readonly url: string;
  readonly comments: readonly Post[];
  readonly issues: readonly Post[];
  stop(): Promise<void>;
}

/**
 * What the workflows ask GitHub and write there: who approves in an environment that is set up as docs/repository-setup.md
 * says, what is wrong in CODEOWNERS (nothing), comments and issues. act asks nobody, so that nobody approves here; that the
 * deploy stops without a rule is for the gate's own tests.
 */
export async function startGithubApi(
  repository: string,
  environments: readonly string[],
): Promise<GithubApi> {
  const rules = [{ id: 1, type: 'required_reviewers', reviewers: [{ type: 'Team', reviewer: {} }] }];
  const comments: Post[] = [];
  const issues: Post[] = [];
  let posts = 0;
  const answer = (method: string, path: string, body: Partial<Post>): unknown => {
    const [, environment] = /^\/environments\/([\w-]+)$/.exec(path) ?? [];
    if (environment !== undefined)
      return environments.includes(environment) ? { name: environment, protection_rules: rules } : undefined;
    if (path === '/codeowners/errors') return { errors: [] };
    const list = /\/comments(\/|$)/.test(path) ? comments : issues;
    if (method === 'GET') return list.filter(({ state }) => state !== 'closed');
    if (method === 'POST') {
      const number = ++posts;
      const post = { id: number, number, user: { login: 'github-actions[bot]' }, body: '', ...body };
      list.push(post);
      return post;
    }
    const edited = list.find(({ id }) => id === Number(path.split('/').pop()));
    return edited && Object.assign(edited, body);
  };
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const [path = ''] = (request.url ?? '').split('?');
      const root = `/repos/${repository}`;
      const found = path.startsWith(root)
        ? answer(
            request.method ?? '',
            path.slice(root.length),
            text === '' ? {} : (JSON.parse(text) as Partial<Post>),
          )
        : undefined;
      response
        .writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(found ?? { message: 'Not Found' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments,
    issues,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
