import type { GithubEnvironment } from '../../deployments/githubEnvironment';
import { Failure, messageOf } from '../../domain/failure';

/** A protection rule of an environment (https://docs.github.com/rest/deployments/environments). */
export interface ProtectionRule {
  readonly type: string;
  readonly reviewers?: readonly unknown[];
}

/** The few things that workflows do on GitHub besides running. */
export interface Github {
  /**
   * Keeps one comment of ours on a pull request, found by its first line. Nobody else's comment is edited, whatever it says.
   * @param create false: only an existing one is edited.
   */
  stickyComment(
    pullRequest: number,
    marker: string,
    body: string,
    options?: { create?: boolean },
  ): Promise<'created' | 'edited' | 'unchanged' | 'none'>;
  /** Keeps one issue of ours: opened or edited while there is a body, closed when there is none. */
  stickyIssue(
    marker: string,
    title: string,
    body: string | undefined,
  ): Promise<'created' | 'edited' | 'unchanged' | 'closed' | 'none'>;
  /** Rules of an environment; undefined where there is no such environment. */
  protectionRules(environment: string): Promise<readonly ProtectionRule[] | undefined>;
  /** What GitHub finds wrong in the default branch's CODEOWNERS, such as an owner whom it does not know and then does not ask. */
  codeownersErrors(): Promise<readonly string[]>;
  /**
   * Whether a workflow's schedule still runs, by the name of its file: GitHub ends those of a public repository after 60 days
   * without a commit (`disabled_inactivity`). Undefined where there is no such workflow.
   */
  schedule(
    file: string,
  ): Promise<{ readonly state: string; readonly lastRunAt: string | undefined } | undefined>;
}

/** https://docs.github.com/rest/repos/repos#list-codeowners-errors */
interface CodeownersError {
  readonly line: number;
  readonly kind: string;
  readonly source: string;
}

interface Post {
  readonly id: number;
  readonly number: number;
  readonly body?: string | null;
  readonly user?: { readonly login?: string } | null;
  readonly pull_request?: unknown;
}

/** Who writes with a workflow's own token. */
const OURSELVES = 'github-actions[bot]';
const PAGE = 100;
/** Comments of a thread that are looked through: ten thousand. */
const MOST_PAGES = 100;

/** @param send default: Node's fetch. */
export function github({ apiUrl, repository, token }: GithubEnvironment, send: typeof fetch = fetch): Github {
  async function call<T>(
    method: string,
    path: string,
    body?: object,
    allowed: number[] = [],
  ): Promise<T | undefined> {
    const url = `${apiUrl}/repos/${repository}${path}`;
    const where = `${method} ${url.split('?')[0]}`;
    let response: Response;
    try {
      response = await send(url, {
        method,
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${token}`,
          'x-github-api-version': '2022-11-28',
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(60_000),
      });
    } catch (error) {
      throw failure(where, `GitHub did not answer: ${messageOf(error)}`, undefined);
    }
    if (allowed.includes(response.status)) return undefined;
    if (!response.ok) throw failure(where, reason(await response.text()), response.status);
    return (await response.json()) as T;
  }

  async function find(path: string, marker: string): Promise<Post | undefined> {
    for (let page = 1; page <= MOST_PAGES; page++) {
      const separator = path.includes('?') ? '&' : '?';
      const posts = (await call<Post[]>('GET', `${path}${separator}per_page=${PAGE}&page=${page}`)) ?? [];
      const ours = posts.find(
        ({ body, user, pull_request }) =>
          pull_request === undefined && user?.login === OURSELVES && firstLine(body) === marker,
      );
      if (ours || posts.length < PAGE) return ours;
    }
    return undefined;
  }

  return {
    async stickyComment(pullRequest, marker, body, { create = true } = {}) {
      const found = await find(`/issues/${pullRequest}/comments`, marker);
      if (found?.body?.trimEnd() === body.trimEnd()) return 'unchanged';
      if (found) {
        await call('PATCH', `/issues/comments/${found.id}`, { body });
        return 'edited';
      }
      if (!create) return 'none';
      await call('POST', `/issues/${pullRequest}/comments`, { body });
      return 'created';
    },
    async stickyIssue(marker, title, body) {
      const found = await find('/issues?state=open', marker);
      if (body === undefined) {
        if (!found) return 'none';
        await call('POST', `/issues/${found.number}/comments`, { body: 'The drift is gone.' });
        await call('PATCH', `/issues/${found.number}`, { state: 'closed', state_reason: 'completed' });
        return 'closed';
      }
      const text = `${marker}\n${body}`;
      if (!found) {
        await call('POST', '/issues', { title, body: text });
        return 'created';
      }
      if (found.body?.trimEnd() === text.trimEnd()) return 'unchanged';
      await call('PATCH', `/issues/${found.number}`, { body: text });
      return 'edited';
    },
    async schedule(file) {
      const path = `/actions/workflows/${file}`;
      const workflow = await call<{ state: string }>('GET', path, undefined, [404]);
      if (workflow === undefined) return undefined;
      const runs = await call<{ workflow_runs?: { created_at: string }[] }>('GET', `${path}/runs?per_page=1`);
      return { state: workflow.state, lastRunAt: runs?.workflow_runs?.[0]?.created_at };
    },
    async protectionRules(environment) {
      const found = await call<{ protection_rules?: ProtectionRule[] }>(
        'GET',
        `/environments/${encodeURIComponent(environment)}`,
        undefined,
        [404],
      );
      return found && (found.protection_rules ?? []);
    },
    async codeownersErrors() {
      const found = await call<{ errors?: CodeownersError[] }>('GET', '/codeowners/errors', undefined, [404]);
      if (found === undefined) return ['there is no CODEOWNERS file'];
      return (found.errors ?? []).map(({ line, kind, source }) => `line ${line}: ${kind}: ${source.trim()}`);
    },
  };
}

/** GitHub keeps line ends as they were sent, and a person's editor sends CRLF. */
function firstLine(body: string | null | undefined): string {
  return (body ?? '').split(/\r?\n/, 1)[0]!;
}

function reason(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text.slice(0, 200);
  } catch {
    return text.slice(0, 200);
  }
}

function failure(where: string, message: string, status: number | undefined): Failure {
  return new Failure({
    code: status === undefined ? 'GITHUB_NOT_REACHABLE' : `GITHUB_${status}`,
    message,
    where,
    ...(status !== undefined && { got: `HTTP ${status}` }),
    remedy:
      status === 401 || status === 403
        ? "give the job's token what it needs under `permissions` (docs/repository-setup.md)"
        : 'run the same command again',
    exitCode: 3,
  });
}
