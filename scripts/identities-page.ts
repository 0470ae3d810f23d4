import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDeployment } from '../deployments/load';
import { federationCondition, identities, scopeName } from '../domain/identities';
import { isProjectRole, PREDEFINED_ROLES, PROJECT_ROLES, type RoleName } from '../domain/permissions';

/** `node -r ./bin/register.js scripts/identities-page.ts` writes the tables of `docs/identities.md`; a test holds them current. */
export const PAGE = join(__dirname, '..', 'docs', 'identities.md');
const BEGIN = '<!-- made from domain/identities.ts by scripts/identities-page.ts -->';
const END = '<!-- end -->';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const code = (text: string) => `\`${text}\``;

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

/** The page as it should be: its prose as it is, its tables anew. */
export function identitiesPage(current = readFileSync(PAGE, 'utf8')): string {
  const [before, rest] = current.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n\n${tables()}\n\n${END}${after}`;
}

if (require.main === module) writeFileSync(PAGE, identitiesPage());
