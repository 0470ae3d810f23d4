import { conditionWords, holdsYet } from '../../domain/service/conditionWords';
import { EVERYBODY, holds } from '../../domain/identity/grantCheck';
import { scaleFindings } from '../../domain/scale/formatScale';
import { settingDifferences } from '../../domain/service/settingDifferences';
import type { LiveService, ServingRevision } from '../liveService';
import { type Check, lookAt, ok, type Patient, seen, type Seen } from './check';

/** The service and what serves: Ready, in words why not; as the deployment's file says; open to whom it names. */
export const service: Check = {
  id: 'service',
  about: 'whether it is ready, as its file says, and open to its callers alone',
  run: (patient) =>
    lookAt(patient, 'service', async () => {
      const { look, context } = patient;
      const live = await look.service();
      if (live === undefined)
        return seen(
          await look.missing(),
          `service ${context.deployment.service}`,
          'does not exist',
          await look.mend('service'),
        );
      return [
        readiness(patient, live),
        ...(await lookAt(patient, 'scale', () => scaledByHand(patient, live))),
        ...live.serving.map((revision) => revisionReady(patient, revision)),
        ...(live.serving[0] ? settings(patient, live, live.serving[0]) : []),
        ...(await lookAt(patient, 'callers', () => callers(patient, live))),
      ];
    }),
};

const diagnose = ({ context: { deployment } }: Patient) => `bin/lightonocr troubleshoot ${deployment.name}`;

function readiness(patient: Patient, { terminalCondition, reconciling, uri }: LiveService): Seen {
  const { deployment } = patient.context;
  const subject = `service ${deployment.service}`;
  const conditions = terminalCondition ? [terminalCondition] : [];
  const state = holdsYet(conditions);
  if (reconciling || state === 'pending')
    return seen(
      'not yet',
      subject,
      ['Cloud Run is still at work on it', ...conditionWords(conditions)].join(': '),
      `bin/lightonocr doctor ${deployment.name} --only service, in a minute`,
    );
  if (state === 'no') return seen('wrong', subject, conditionWords(conditions).join('; '), diagnose(patient));
  return ok(subject, `is ready at ${uri}`);
}

function revisionReady(patient: Patient, { name, percent, conditions }: ServingRevision): Seen {
  const subject = `revision ${name}`;
  const state = holdsYet(conditions);
  if (state === 'yes') return ok(subject, `has ${percent} % and is ready`);
  const saw = `has ${percent} %: ${conditionWords(conditions).join('; ')}`;
  return seen(state === 'no' ? 'wrong' : 'not yet', subject, saw, diagnose(patient));
}

/** A service that somebody stopped, or fixed, does not scale: no revision's settings say so. */
async function scaledByHand({ context, look }: Patient, live: LiveService): Promise<readonly Seen[]> {
  const { name } = context.deployment;
  const said = scaleFindings(name, (await look.ledger())?.scale, live.scaling);
  return said.map((words) => seen('wrong', 'scale', words, `bin/lightonocr scale ${name} restore`));
}

/** The probe has a line of its own: it decides whether an instance ever counts as started. */
function settings(patient: Patient, live: LiveService, revision: ServingRevision): Seen[] {
  const { deployment } = patient.context;
  const differences = settingDifferences(deployment, revision, live);
  const isProbe = (key: string) => key.startsWith('probe.');
  const line = (subject: string, wanted: (key: string) => boolean): Seen => {
    const found = differences.filter(({ key }) => wanted(key));
    if (found.length === 0) return ok(subject, `as deployments/${deployment.name}.yaml says`);
    const saw = found
      .map(({ key, wanted: file, live: is }) => `${key} is ${is}, the file says ${file}`)
      .join('; ');
    return seen('wrong', subject, saw, `bin/lightonocr verify ${deployment.name}`);
  };
  return [line('startup probe', isProbe), line('settings', (key) => !isProbe(key))];
}

/** IAM is the service's only door: nobody whom the deployment does not know of may be everybody. */
async function callers(patient: Patient, live: LiveService): Promise<Seen> {
  const { look, context } = patient;
  const { deployment } = context;
  const where = `--project ${deployment.project} --region ${deployment.region}`;
  if (live.invokerIamDisabled === true)
    return seen(
      'wrong',
      'callers',
      'ANYONE MAY CALL IT: IAM is not asked',
      `gcloud run services update ${deployment.service} ${where} --invoker-iam-check`,
    );
  const policy = await look.policy('service');
  const open = (policy.bindings ?? []).flatMap(({ role, members = [] }) =>
    members.filter((member) => EVERYBODY.includes(member)).map((member) => ({ role, member })),
  );
  if (open.length > 0) {
    const remove = open.map(
      ({ role, member }) =>
        `gcloud run services remove-iam-policy-binding ${deployment.service} ${where} --member=${member} --role=${role}`,
    );
    return seen(
      'wrong',
      'callers',
      `ANYONE MAY CALL IT: ${open.map(({ member }) => member).join(', ')}`,
      remove.join(' && '),
    );
  }
  const { invokers } = deployment.access;
  const shut = invokers.filter((member) => !holds(policy, 'roles/run.invoker', member));
  if (shut.length > 0)
    return seen('wrong', 'callers', `may not call it yet: ${shut.join(', ')}`, await look.mend('access'));
  return ok('callers', `by IAM: ${invokers.join(', ') || 'nobody is named under access.invokers'}`);
}
