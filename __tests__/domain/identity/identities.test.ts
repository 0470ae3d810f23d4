import type { Deployment } from '../../../domain/deployment';
import { federationCondition, identities, scopeName } from '../../../domain/identity/identities';
import { PROJECT_ROLES, projectRoleId, type ProjectRole } from '../../../domain/identity/permissions';
import { DEPLOYMENT } from '../../constructs/deployment';

/** The claims of one of GitHub's tokens. */
interface Claims {
  readonly event_name: string;
  readonly repository: string;
  readonly repository_id: string;
  readonly repository_owner_id: string;
  readonly ref: string;
  readonly sub: string;
}

/** The part of CEL that the condition is written in means the same in JavaScript. */
const admits = (assertion: Claims, repositoryId?: number): boolean => {
  const condition = federationCondition({
    repository: 'o/r',
    ownerId: 7,
    ...(repositoryId && { repositoryId }),
  });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- an expression of our own
  return new Function('assertion', `return ${condition}`)(assertion) as boolean;
};

const PULL_REQUEST = { event_name: 'pull_request', ref: 'refs/pull/3/merge', sub: 'repo:o/r:pull_request' };
const MAIN: Claims = {
  event_name: 'push',
  repository: 'o/r',
  repository_id: '9',
  repository_owner_id: '7',
  ref: 'refs/heads/main',
  sub: 'repo:o/r:ref:refs/heads/main',
};

describe('federationCondition', () => {
  test.each<[string, Partial<Claims>]>([
    ['a push to main', {}],
    ['a job in an environment, from main', { sub: 'repo:o/r:environment:production' }],
    ['a run by hand', { event_name: 'workflow_dispatch' }],
    ['a run on a schedule', { event_name: 'schedule' }],
    ['a pull request', PULL_REQUEST],
  ])('admits %s', (_what, claims) => {
    expect(admits({ ...MAIN, ...claims })).toBe(true);
  });

  test.each<[string, Partial<Claims>]>([
    ['another repository', { repository: 'o/other' }],
    ['a repository of the same name under another owner', { repository_owner_id: '8' }],
    ['another branch', { ref: 'refs/heads/x', sub: 'repo:o/r:ref:refs/heads/x' }],
    [
      'a pull request that names the environment',
      { ...PULL_REQUEST, sub: 'repo:o/r:environment:production' },
    ],
    // Their ref is main's, and whoever opens a pull request or writes a comment starts them.
    ...['pull_request_target', 'issue_comment', 'workflow_run'].map((event): [string, Partial<Claims>] => [
      `${event}, on main's ref`,
      { event_name: event },
    ]),
    [
      'pull_request_target with the sub of a pull request',
      { ...PULL_REQUEST, event_name: 'pull_request_target' },
    ],
    ['a branch that names the environment', { ref: 'refs/heads/x', sub: 'repo:o/r:environment:production' }],
    ['a tag called main', { ref: 'refs/tags/main', sub: 'repo:o/r:ref:refs/tags/main' }],
  ])('rejects %s', (_what, claims) => {
    expect(admits({ ...MAIN, ...claims })).toBe(false);
  });

  test('asks for the number of the repository where it is given', () => {
    expect(admits(MAIN, 9)).toBe(true);
    expect(admits({ ...MAIN, repository_id: '10' }, 9)).toBe(false);
    const pullRequest = { ...MAIN, ...PULL_REQUEST, sub: 'repo:o@7/r@9:pull_request' };
    expect(admits(pullRequest, 9)).toBe(true);
    expect(admits(pullRequest)).toBe(false);
  });
});

describe('identities', () => {
  const all = identities(DEPLOYMENT);

  test('give a reason for every grant, and never one role twice in one place', () => {
    for (const { name, grants } of all) {
      const places = grants.map(({ on, role }) => `${scopeName(on)} ${role}`);
      expect({ name, places: [...new Set(places)] }).toEqual({ name, places });
      expect(grants.filter(({ why }) => why.length < 10)).toEqual([]);
    }
  });

  test('are reached by the sub that GitHub gives: names alone, or with both numbers', () => {
    const subjects = (github: Deployment['github']) =>
      identities({ ...DEPLOYMENT, github }).flatMap(({ subject }) => subject ?? []);
    const named = subjects({ repository: 'o/r', ownerId: 7 });
    expect(named).toContain('repo:o/r:environment:example-rollback');
    expect(subjects({ repository: 'o/r', ownerId: 7, repositoryId: 9 })).toEqual(
      named.map((subject) => subject.replace('repo:o/r:', 'repo:o@7/r@9:')),
    );
  });

  test('have ids and names that IAM takes', () => {
    for (const { accountId, who } of all) {
      expect(accountId).toMatch(/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/);
      expect(who.length).toBeLessThanOrEqual(100);
    }
    for (const role of Object.keys(PROJECT_ROLES) as ProjectRole[]) {
      expect(projectRoleId(role)).toMatch(/^[a-zA-Z0-9_.]{3,64}$/);
      expect(PROJECT_ROLES[role].does.length).toBeLessThanOrEqual(256);
    }
  });

  test('use every role of the project', () => {
    const used = new Set<string>(all.flatMap(({ grants }) => grants.map(({ role }) => role)));
    expect(Object.keys(PROJECT_ROLES).filter((role) => !used.has(role))).toEqual([]);
  });

  test('let who reads objects list them too: else one that is missing looks forbidden', () => {
    const reads = Object.values(PROJECT_ROLES).filter(({ permissions }) =>
      (permissions as readonly string[]).includes('storage.objects.get'),
    );
    expect(reads.length).toBeGreaterThan(1);
    for (const { permissions } of reads) expect(permissions).toContain('storage.objects.list');
  });

  test('let pr-planner write nothing', () => {
    const planner = all.find(({ name }) => name === 'pr-planner')!;
    const may = planner.grants.flatMap(({ role }) => [...PROJECT_ROLES[role as ProjectRole].permissions]);
    expect(may.filter((permission) => !/\.(get|list|getIamPolicy)$/.test(permission))).toEqual([]);
  });
});
