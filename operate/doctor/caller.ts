import { callerNeeds, missingOf, type Need } from '../../domain/identity/callerNeeds';
import { Failure } from '../../domain/failure';
import { scopeName } from '../../domain/identity/identities';
import { counted } from '../../domain/words';
import { isStatus } from '../../release/adapters/google/googleApi';
import { type Check, lookAt, ok, type Patient, seen, type Seen } from './check';
import { placePath } from './look';

/** Permissions that one call of `testIamPermissions` takes (https://cloud.google.com/iam/docs/testing-permissions). */
const MOST_PERMISSIONS = 100;

/** What these credentials may do, against what the role that they are meant to play needs. */
export const caller: Check = {
  id: 'caller',
  about: 'which permissions these credentials lack, as --as says',
  run: async (patient) => {
    const needs = callerNeeds(patient.context.deployment, patient.as);
    const all = [
      ...needs.map((need) => lookAt(patient, subjectOf(patient, need), () => testOne(patient, need))),
      ...(patient.as === 'person' ? [lookAt(patient, 'identity token', () => identityToken(patient))] : []),
    ];
    return (await Promise.all(all)).flat();
  },
};

const subjectOf = ({ as }: Patient, { on, only, to }: Need) =>
  `${as} on ${scopeName(on)}${only ? `, only ${only}` : ''}${to ? `, to ${to}` : ''}`;

async function testOne(patient: Patient, need: Need): Promise<Seen> {
  const subject = subjectOf(patient, need);
  const { context, look, as } = patient;
  if (need.only !== undefined) {
    // The condition is on objects: asked for the whole bucket, IAM answers no although the grant is there.
    return seen(
      'cannot tell',
      subject,
      `not asked: it is granted under a condition, which testIamPermissions does not see`,
      `as a person: bin/lightonocr doctor ${context.deployment.name} --only identities`,
    );
  }
  let granted: readonly string[];
  try {
    granted = await tested(patient, need);
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
    const step = need.on === 'service' ? 'service' : 'foundation';
    return seen(await look.missing(), subject, 'not asked: it does not exist', await look.mend(step));
  }
  const missing = missingOf(need, granted);
  if (missing.length === 0)
    return ok(subject, `${counted(need.permissions.length, 'permission')}, none missing`);
  const { project, name } = context.deployment;
  const stack = need.on === 'service' ? 'access' : 'foundation';
  return seen(
    'wrong',
    subject,
    `missing: ${missing.join(', ')}`,
    as === 'person'
      ? need.on === 'service'
        ? `name yourself under \`access.invokers\` in deployments/${name}.yaml, then bin/lightonocr bootstrap ${name} --run access`
        : `as an owner: ${rolesOf(need, missing)
            .map((role) => `gcloud projects add-iam-policy-binding ${project} ${MYSELF} --role=${role}`)
            .join(' && ')}`
      : `as a person: bin/lightonocr bootstrap ${name} --run ${stack}`,
  );
}

const MYSELF = '--member="user:$(gcloud config get-value account)"';

/** The roles that hold what is missing, each once. */
const rolesOf = ({ roles = {} }: Need, missing: readonly string[]) => [
  ...new Set(missing.map((permission) => roles[permission] ?? 'roles/owner')),
];

async function tested({ context }: Patient, { on, permissions }: Need): Promise<string[]> {
  const { api, path } = placePath(context, on);
  const granted: string[] = [];
  const asked = [...new Set(permissions)];
  for (let start = 0; start < asked.length; start += MOST_PERMISSIONS) {
    const some = asked.slice(start, start + MOST_PERMISSIONS);
    const request =
      api === 'storage'
        ? { path: `${path}/iam/testPermissions`, query: { permissions: some } }
        : { method: 'POST' as const, path: `${path}:testIamPermissions`, body: { permissions: some } };
    granted.push(...((await context.call<{ permissions?: string[] }>(api, request)).data.permissions ?? []));
  }
  return granted;
}

/** The smoke test, `ocr` and `warmup` call the service with one. It is minted, and nobody is called: that would start a GPU. */
async function identityToken({ context, look }: Patient): Promise<Seen> {
  const subject = 'identity token';
  const service = await look.service();
  if (service === undefined)
    return seen(await look.missing(), subject, 'not asked: nobody to call yet', await look.mend('service'));
  try {
    await context.identityToken(service.uri);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'NO_IDENTITY_TOKEN') throw error;
    return seen('wrong', subject, 'these credentials cannot mint one', error.remedy);
  }
  return ok(subject, 'these credentials have one for the service');
}
