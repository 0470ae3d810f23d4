import { GPU_KINDS } from '../../domain/gpus';
import type { QuotaFinding } from '../../domain/quota/quota';
import { askForMore, quotaWarning } from '../../domain/quota/quotaReport';
import { readQuota } from '../../release/adapters/google/quota';
import { type Check, lookAt, ok, type Patient, seen, type Seen } from './check';

/** Whether the region has the GPU at all: from a table, which has a date. */
export const region: Check = {
  id: 'region',
  about: 'whether the region has the GPU',
  run: async ({ context: { deployment } }) => {
    const subject = `region ${deployment.region}`;
    const { name, regions, regionsAsOf } = GPU_KINDS[deployment.size.gpu];
    const found = regions.find(({ region: each }) => each === deployment.region);
    const open = regions.filter(({ byInvitation }) => !byInvitation).map(({ region: each }) => each);
    const edit = `write one of ${open.join(', ')} as \`region\` in deployments/${deployment.name}.yaml`;
    if (found === undefined) return [seen('wrong', subject, `had no ${name} in ${regionsAsOf}`, edit)];
    if (found.byInvitation)
      return [
        seen(
          'cannot tell',
          subject,
          `has ${name} by invitation only (${regionsAsOf})`,
          `ask Google Cloud, or ${edit}`,
        ),
      ];
    return [ok(subject, `has ${name} (as of ${regionsAsOf})`)];
  },
};

/** What the project may use, against the deployment's maximum and a candidate beside it. */
export const quota: Check = {
  id: 'quota',
  about: 'what the project may use in the region',
  run: (patient) =>
    lookAt(patient, 'quota', async () => {
      // A quota that does not count here is not a finding.
      const findings = (await readQuota(patient.context)).filter(({ verdict }) => verdict !== 'not counted');
      return Promise.all(findings.map((finding) => judge(patient, finding)));
    }),
};

async function judge(patient: Patient, finding: QuotaFinding): Promise<Seen> {
  const { deployment } = patient.context;
  const { quota: about, limit, largest, verdict } = finding;
  const subject = `quota ${about.id}`;
  const [ask = ''] = askForMore(deployment, [finding]);
  if (verdict === 'unknown')
    return seen(
      'cannot tell',
      subject,
      `not looked at: ${finding.problem}`,
      `bin/lightonocr quota ${deployment.name}`,
    );
  if (verdict === 'blocks')
    return seen('wrong', subject, `${limit} ${about.unit}, and the service may ask for ${largest}`, ask);
  if (verdict === 'unclear' || verdict === 'first deploy')
    return seen('cannot tell', subject, quotaWarning(deployment, finding)!, ask);
  return ok(
    subject,
    `${limit === Infinity ? 'no limit' : limit} ${about.unit}, enough for the service and a candidate`,
  );
}
