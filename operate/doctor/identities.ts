import { describeGrant } from '../../domain/identity/callerNeeds';
import { IMPERSONATE } from '../../domain/identity/federation';
import { hasGrant, type Policy, rolesOf, roleName } from '../../domain/identity/grantCheck';
import { type Grant, identities as all, type Identity, scopeName } from '../../domain/identity/identities';
import { accountEmail } from '../../domain/names';
import { isProjectRole, PROJECT_ROLES, type ProjectRole } from '../../domain/identity/permissions';
import { cannotTell, type Check, lookAt, ok, type Patient, seen, type Seen } from './check';
import { found } from './look';

/** Every account of `domain/identity/identities.ts`: there, enabled, with its grants and no other on the project; and the roles themselves. */
export const identities: Check = {
  id: 'identities',
  about: 'accounts, roles and grants, against domain/identity/identities.ts',
  run: async (patient) => {
    const people = all(patient.context.deployment);
    const roles = [...new Set(people.flatMap(({ grants }) => grants.map(({ role }) => role)))];
    const looks = [
      ...people.map((one) => lookAt(patient, `account ${one.accountId}`, () => account(patient, one))),
      lookAt(patient, 'roles', () => customRoles(patient, roles.filter(isProjectRole))),
    ];
    return (await Promise.all(looks)).flat();
  },
};

const emailOf = ({ context: { deployment } }: Patient, { accountId }: Pick<Identity, 'accountId'>) =>
  accountEmail(deployment.project, accountId);

async function account(patient: Patient, identity: Identity): Promise<readonly Seen[]> {
  const { context, look } = patient;
  const { project } = context.deployment;
  const subject = `account ${identity.accountId}`;
  const email = emailOf(patient, identity);
  const path = `/v1/projects/${project}/serviceAccounts/${email}`;
  const there = await found<{ disabled?: boolean }>(context, 'iam', path);
  if (there === undefined)
    return [seen(await look.missing(), subject, 'does not exist', await look.mend('foundation'))];
  if (there.disabled === true)
    return [
      seen(
        'wrong',
        subject,
        'is disabled',
        `gcloud iam service-accounts enable ${email} --project ${project}`,
      ),
    ];
  const parts = await Promise.all([
    ...identity.grants.map((grant) => granted(patient, identity, grant)),
    ...(identity.subject === undefined ? [] : [becomes(patient, identity, identity.subject)]),
    nothingElse(patient, identity),
  ]);
  const open = parts.filter((part) => part !== undefined);
  return open.length > 0
    ? open
    : [ok(subject, `${identity.grants.length} of ${identity.grants.length} grants`)];
}

/** undefined when the grant is there. */
async function granted(patient: Patient, identity: Identity, grant: Grant): Promise<Seen | undefined> {
  const { context, look } = patient;
  const subject = `account ${identity.accountId}, ${describeGrant(grant)}`;
  return part(patient, subject, grant, async (policy) => {
    const member = `serviceAccount:${emailOf(patient, identity)}`;
    if (hasGrant(context.deployment, policy, member, grant)) return undefined;
    const permissions = isProjectRole(grant.role)
      ? PROJECT_ROLES[grant.role].permissions.join(', ')
      : grant.role;
    const step = grant.on === 'service' ? 'access' : 'foundation';
    return seen('wrong', subject, `missing: ${permissions} (${grant.why})`, await look.mend(step));
  });
}

/** The workflow's `sub`, as our own pool has it, may become the account, and nobody else. */
async function becomes(patient: Patient, identity: Identity, subject: string): Promise<Seen | undefined> {
  const name = `account ${identity.accountId}, from GitHub`;
  return part(patient, name, { on: { account: identity.name } }, async (policy) => {
    const member = `principal://iam.googleapis.com/${await patient.look.pool()}/subject/${subject}`;
    const members = (policy.bindings ?? [])
      .filter(({ role }) => role === IMPERSONATE)
      .flatMap(({ members: named = [] }) => named);
    if (members.includes(member)) {
      const others = members.filter((other) => other !== member);
      if (others.length === 0) return undefined;
      return seen(
        'wrong',
        name,
        `others may become it too: ${others.join(', ')}`,
        await patient.look.mend('foundation'),
      );
    }
    return seen(
      'wrong',
      name,
      `no workflow with ${subject} may become it`,
      await patient.look.mend('foundation'),
    );
  });
}

/** The guide gives the service's account roles on the whole project; it needs none. */
async function nothingElse(patient: Patient, identity: Identity): Promise<Seen | undefined> {
  const name = `account ${identity.accountId}, on the project`;
  return part(patient, name, { on: 'project' }, async (policy) => {
    const { deployment } = patient.context;
    const member = `serviceAccount:${emailOf(patient, identity)}`;
    const wanted = identity.grants
      .filter(({ on }) => on === 'project')
      .map(({ role }) => roleName(deployment, role));
    const more = rolesOf(policy, member).filter((role) => !wanted.includes(role));
    if (more.length === 0) return undefined;
    const remove = (role: string) =>
      `gcloud projects remove-iam-policy-binding ${deployment.project} --member=${member} --role=${role} --all`;
    return seen('wrong', name, `has more than it needs: ${more.join(', ')}`, more.map(remove).join(' && '));
  });
}

async function part(
  patient: Patient,
  subject: string,
  { on }: Pick<Grant, 'on'>,
  judge: (policy: Policy) => Promise<Seen | undefined>,
): Promise<Seen | undefined> {
  let policy: Policy;
  try {
    policy = await patient.look.policy(on);
  } catch (error) {
    // A service that was never made has no policy: its grants come with it.
    if (on === 'service' && (await patient.look.situation()) === 'empty')
      return seen('not yet', subject, 'there is no service', await patient.look.mend('access'));
    return cannotTell(patient, `${subject} (policy of ${scopeName(on)})`, error);
  }
  return judge(policy);
}

async function customRoles({ context, look }: Patient, roles: readonly ProjectRole[]): Promise<Seen> {
  const read = await Promise.all(
    roles.map(async (role) => {
      const path = `/v1/${roleName(context.deployment, role)}`;
      const json = await found<{ includedPermissions?: string[]; deleted?: boolean }>(context, 'iam', path);
      const has = json?.deleted === true ? undefined : json?.includedPermissions;
      if (has === undefined) return [`${role} ${json?.deleted ? 'is deleted' : 'does not exist'}`];
      const missing = PROJECT_ROLES[role].permissions.filter((permission) => !has.includes(permission));
      return missing.length > 0 ? [`${role} lacks ${missing.join(', ')}`] : [];
    }),
  );
  const wrong = read.flat();
  if (wrong.length === 0) return ok('roles', `${roles.length} of our own, with all of their permissions`);
  return seen(await look.missing(), 'roles', wrong.join('; '), await look.mend('foundation'));
}
