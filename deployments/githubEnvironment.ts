import { Failure } from '../domain/failure';

/** Where a workflow runs and what it may write to, as GitHub hands it in (https://docs.github.com/actions/reference/variables-reference). */
export interface GithubEnvironment {
  /** `GITHUB_API_URL`; default `https://api.github.com`. */
  readonly apiUrl: string;
  /** `GITHUB_REPOSITORY`: `owner/name`. */
  readonly repository: string;
  /** `GITHUB_TOKEN` or `GH_TOKEN`. */
  readonly token: string;
  /** From `GITHUB_REF`, `refs/pull/12/merge`. */
  readonly pullRequest?: number;
  /** The run's page. */
  readonly runUrl?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** @throws Failure `NO_GITHUB`, exit code 2, with every variable that is missing or wrong. */
export function githubEnvironment(env: Variables): GithubEnvironment {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_SERVER_URL: server, GITHUB_RUN_ID: run } = env;
  const token = env.GITHUB_TOKEN || env.GH_TOKEN || '';
  const wrong = [
    ...(/^[\w.-]+\/[\w.-]+$/.test(repository) ? [] : ['GITHUB_REPOSITORY']),
    ...(token === '' ? ['GITHUB_TOKEN'] : []),
  ];
  if (wrong.length > 0) {
    throw new Failure({
      code: 'NO_GITHUB',
      message: 'The environment does not say which repository this is, or gives no token for it.',
      where: wrong.join(', '),
      remedy:
        'run it in a workflow with `GITHUB_TOKEN: ${{ github.token }}`, or set GITHUB_REPOSITORY=owner/name and GITHUB_TOKEN=$(gh auth token)',
      exitCode: 2,
    });
  }
  const [, pullRequest] = /^refs\/pull\/(\d+)\//.exec(env.GITHUB_REF ?? '') ?? [];
  return {
    apiUrl: (env.GITHUB_API_URL || 'https://api.github.com').replace(/\/$/, ''),
    repository,
    token,
    ...(pullRequest !== undefined && { pullRequest: Number(pullRequest) }),
    ...(server && run && { runUrl: `${server}/${repository}/actions/runs/${run}` }),
  };
}
