import { alertName, alerts as all } from '../../domain/monitoring/alerts';
import { type Check, lookAt, ok, type Patient, seen, type Seen } from './check';

/** https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies */
interface AlertPolicy {
  readonly displayName?: string;
  readonly enabled?: boolean;
  readonly notificationChannels?: readonly string[];
}

/** The deployment's alert policies: there, enabled, and heard by somebody where the deployment names somebody. */
export const alerts: Check = {
  id: 'alerts',
  about: 'whether the alerts are there, and reach somebody',
  run: (patient) => lookAt(patient, 'alerts', () => lookAtAll(patient)),
};

async function lookAtAll(patient: Patient): Promise<Seen> {
  const { context, look } = patient;
  const { deployment } = context;
  const subject = 'alerts';
  const policies = await listPolicies(patient);
  const wanted = all(deployment).map((alert) => alertName(deployment, alert));
  const byName = (name: string) => policies.find(({ displayName }) => displayName === name);
  const missing = wanted.filter((name) => byName(name) === undefined);
  const mend = await look.mend('observability');
  // They are the last step: a service that was released and never got them is half set up, not broken.
  if (missing.length === wanted.length)
    return seen('not yet', subject, `none of ${wanted.length} are there`, mend);
  if (missing.length > 0) return seen('wrong', subject, `missing: ${missing.join(', ')}`, mend);
  const off = wanted.filter((name) => byName(name)?.enabled === false);
  if (off.length > 0) return seen('wrong', subject, `switched off: ${off.join(', ')}`, mend);
  const { emails, webhooks } = deployment.notifications;
  const heard = emails.length + webhooks.length > 0;
  const deaf = wanted.filter((name) => (byName(name)?.notificationChannels ?? []).length === 0);
  if (heard && deaf.length > 0) return seen('wrong', subject, `reach nobody: ${deaf.join(', ')}`, mend);
  return ok(subject, `${wanted.length} of ${wanted.length}${heard ? '' : '; seen in the console alone'}`);
}

async function listPolicies({ context: { call, deployment } }: Patient): Promise<AlertPolicy[]> {
  const found: AlertPolicy[] = [];
  let pageToken: string | undefined;
  do {
    const { data } = await call<{ alertPolicies?: AlertPolicy[]; nextPageToken?: string }>('monitoring', {
      path: `/v3/projects/${deployment.project}/alertPolicies`,
      query: { pageSize: 100, pageToken },
    });
    found.push(...(data.alertPolicies ?? []));
    pageToken = data.nextPageToken || undefined;
  } while (pageToken);
  return found;
}
