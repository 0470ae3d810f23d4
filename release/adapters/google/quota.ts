import { Failure } from '../../../domain/failure';
import { servicePath } from '../../../domain/names';
import {
  beforeFirstDeploy,
  cloudQuotas,
  comesWithFirstDeploy,
  type QuotaAnswer,
  type QuotaFinding,
  quotaFindings,
  type QuotaInfo,
} from '../../../domain/quota/quota';
import { quotaRefusal, quotaWarning } from '../../../domain/quota/quotaReport';
import type { ReleaseContext } from '../../ports/context';
import { ApiError, isApiOff } from './googleApi';

type Place = Pick<ReleaseContext, 'call' | 'deployment'>;
type Part = Place & Pick<ReleaseContext, 'progress'>;

/** What the API says of each quota, for all regions at once; what it does not answer is said in its place. */
export async function readQuotaAnswers({ call, deployment }: Place): Promise<QuotaAnswer[]> {
  const answers = cloudQuotas(deployment).map(async (quota): Promise<QuotaAnswer> => {
    const service = `projects/${deployment.project}/locations/global/services/${quota.service}`;
    try {
      const path = `/v1/${service}/quotaInfos/${quota.id}`;
      return { quota, info: (await call<QuotaInfo>('cloudquotas', { path })).data };
    } catch (error) {
      // What no quota can be asked without is the failure itself: its remedy is another one.
      if (!(error instanceof Failure) || ['PROJECT_PLACEHOLDER', 'NO_CREDENTIALS'].includes(error.code))
        throw error;
      return { quota, problem: `${error.code}, ${error.message}` };
    }
  });
  return Promise.all(answers);
}

/** The project's quotas against the deployment; what the API does not answer is a finding of its own, not an error. */
export async function readQuota(place: Place): Promise<QuotaFinding[]> {
  const findings = quotaFindings(place.deployment, await readQuotaAnswers(place));
  const isFirst = findings.some(comesWithFirstDeploy) && !(await isServiceThere(place));
  return isFirst ? beforeFirstDeploy(findings) : findings;
}

/** False where Cloud Run says that there is no service, or was never on; who may not look takes it for there. */
export async function isServiceThere({ call, deployment }: Place): Promise<boolean> {
  try {
    await call('run', { path: `/v2/${servicePath(deployment)}` });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.status !== 404 && !isApiOff(error);
  }
}

/**
 * Before an hour's build, and before a plan: the service's own maximum fits the project. What is unclear or could not be
 * asked is said and returned, and the release goes on: that is not a pass, the deploy may still be refused.
 * @throws Failure `OVER_QUOTA`, exit code 2.
 */
export async function refuseOverQuota(context: Part): Promise<readonly string[]> {
  const findings = await readQuota(context);
  const warnings = findings
    .flatMap((finding) => quotaWarning(context.deployment, finding) ?? [])
    .map((text) => `quota: ${text}`);
  for (const warning of warnings) context.progress(warning);
  const refusal = quotaRefusal(context.deployment, findings);
  if (refusal) throw refusal;
  return warnings;
}
