import type { Deployment } from '../deployment';
import { Failure } from '../failure';
import { grantedAmount, type QuotaAsk, requestState } from './quotaRequest';

const amount = ({ finding }: QuotaAsk, number: number): string => `${number} ${finding.quota.unit}`;

/** One quota as a line: what was asked for, where that stands, Google's own words. */
function line(ask: QuotaAsk): string {
  const { finding, action, wanted, preference } = ask;
  const { quota, limit, fixed } = finding;
  const from = `${quota.id}: ${amount(ask, limit ?? 0)}, `;
  if (action === 'cannot')
    return `${from}and no request raises it (${fixed}): ask Google Cloud's sales or support for ${amount(ask, wanted)}`;
  if (preference === undefined || action === 'ask') return `${from}to ask for ${amount(ask, wanted)}`;
  const state = requestState(preference);
  const { stateDetail, traceId } = preference.quotaConfig;
  return [
    `${from}asked for ${amount(ask, wanted)}, ${state}`,
    ...(state === 'partly granted' ? [`: ${amount(ask, grantedAmount(quota, preference))}`] : []),
    ...(stateDetail ? [` (${stateDetail})`] : []),
    ...(state !== 'granted' && traceId ? [`; Google's support knows it as ${traceId}`] : []),
  ].join('');
}

/** What a granted request lets the deployment say under `quota`; its own key is what synth and the rules go by. */
function granted(deployment: Deployment, asks: readonly QuotaAsk[]): string[] {
  const lines = asks.flatMap(({ finding: { quota }, preference }) => {
    if (preference === undefined || requestState(preference) === 'pending') return [];
    const key = quota.of;
    const has = grantedAmount(quota, preference);
    return has > deployment.quota[key] ? [`  ${key}: ${has}`] : [];
  });
  return lines.length > 0 ? [`write into deployments/${deployment.name}.yaml:`, 'quota:', ...lines] : [];
}

const isPending = ({ preference }: QuotaAsk) =>
  preference !== undefined && requestState(preference) === 'pending';

export function requestReport(deployment: Deployment, asks: readonly QuotaAsk[]): string {
  if (asks.length === 0) return 'Every quota that counts is large enough: there is nothing to ask for.';
  const pending = asks.some(isPending)
    ? [
        'Google answers in minutes or in days. The request is theirs now: the same command shows where it stands, and asks for nothing twice.',
      ]
    : [];
  return [...asks.map(line), ...pending, ...granted(deployment, asks)].join('\n');
}

/**
 * What the command ends with: a person is needed where Google did not grant it all, or nobody waits any more for what was
 * to be followed. A request that was made and is pending is done.
 */
export function requestFailure(asks: readonly QuotaAsk[], followed: boolean): Failure | undefined {
  const refused = asks.filter(
    ({ action, preference }) =>
      action === 'cannot' || (preference && ['denied', 'partly granted'].includes(requestState(preference))),
  );
  const pending = followed ? asks.filter(isPending) : [];
  const [of] = [...refused, ...pending];
  if (of === undefined) return undefined;
  const details = {
    where: of.name,
    got: [...refused, ...pending].map(line).join('; '),
    exitCode: 3 as const,
  };
  return refused.length > 0
    ? new Failure({
        ...details,
        code: 'QUOTA_NOT_GRANTED',
        message: 'Google did not grant all that is needed.',
        remedy:
          'take smaller instances (size: {cpu: 4, memoryGib: 16}) or another region, ask Google Cloud\'s support, or ask once more with better reasons: --request --again --justification "…"',
      })
    : new Failure({
        ...details,
        code: 'QUOTA_PENDING',
        message: 'Google has not decided yet; the request stays with them.',
        remedy: 'run the same command again, later: it asks for nothing twice',
      });
}
