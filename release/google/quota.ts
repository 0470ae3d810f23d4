import { Failure } from '../../domain/failure';
import {
  CLOUD_QUOTAS,
  type QuotaAnswer,
  type QuotaFinding,
  quotaFindings,
  type QuotaInfo,
} from '../../domain/quota/quota';
import { quotaRefusal, quotaWarning } from '../../domain/quota/quotaReport';
import type { ReleaseContext } from '../context';

type Part = Pick<ReleaseContext, 'call' | 'deployment' | 'progress'>;

/** The project's quotas against the deployment; what the API does not answer is a finding of its own, not an error. */
export async function readQuota({ call, deployment }: Part): Promise<QuotaFinding[]> {
  const answers = CLOUD_QUOTAS.map(async (quota): Promise<QuotaAnswer> => {
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
  return quotaFindings(deployment, await Promise.all(answers));
}

/**
 * Before an hour's build, and before a plan: the service's own maximum fits the project. What is unclear or could not be
 * asked is said and returned, and the release goes on: that is not a pass, the deploy may still be refused.
 * @throws Failure `OVER_QUOTA`, exit code 2.
 */
export async function refuseOverQuota(context: Part): Promise<readonly string[]> {
  const findings = await readQuota(context);
  const warnings = findings.flatMap((finding) => quotaWarning(finding) ?? []).map((text) => `quota: ${text}`);
  for (const warning of warnings) context.progress(warning);
  const refusal = quotaRefusal(context.deployment, findings);
  if (refusal) throw refusal;
  return warnings;
}
