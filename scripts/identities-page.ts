import { loadDeployment } from '../deployments/load';
import { federationCondition, identities, scopeName } from '../domain/identity/identities';
import {
  isProjectRole,
  PREDEFINED_ROLES,
  PROJECT_ROLES,
  type RoleName,
} from '../domain/identity/permissions';
import { generatedPage, markdownCode as code, markdownTable as table } from './generated';

const roleCell = (role: RoleName) =>
  isProjectRole(role)
    ? PROJECT_ROLES[role].permissions.map(code).join(', ')
    : `Google's ${code(PREDEFINED_ROLES[role])}`;

/** Who, from where, what, on what, why: of the shipped production deployment, in the repository `OWNER/REPO`. */
function tables(): string {
  const github = { repository: 'OWNER/REPO', ownerId: 1 };
  const all = identities({ ...loadDeployment('production'), project: 'PROJECT', github });
  const who = all.map(({ accountId, usedBy, subject, who }) => [
    code(accountId),
    who,
    usedBy,
    subject === undefined ? '' : code(subject),
  ]);
  const may = all.flatMap(({ accountId, grants }) =>
    grants.map(({ on, role, only, why }) => [
      code(accountId),
      scopeName(on) + (only ? `, only ${code(only.expression)}` : ''),
      roleCell(role),
      why,
    ]),
  );
  return [
    table(['account', 'what it is for', 'used by', "GitHub's `sub`"], who),
    '',
    `Before any of these, a token must satisfy: ${code(federationCondition(github))}, with your owner's number.`,
    '',
    table(['account', 'on', 'permissions', 'why'], may),
  ].join('\n');
}

/** `docs/identities.md`. */
export const identitiesPage = generatedPage('identities.md', 'domain/identity/identities.ts', tables);
