import type { Deployment } from '../deployment';
import { GPU_KINDS } from '../gpus';
import type { CloudQuota, QuotaFinding } from './quota';
import { counted } from '../words';

/** The part of the API's QuotaPreference that is read: https://cloud.google.com/docs/quotas/reference/rest/v1/projects.locations.quotaPreferences */
export interface QuotaPreference {
  readonly name: string;
  readonly service: string;
  readonly quotaId: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly quotaConfig: {
    /** An int64 is text in JSON; -1 is "no limit". */
    readonly preferredValue?: string;
    /** What is in force: the old value while the request is pending. */
    readonly grantedValue?: string;
    readonly stateDetail?: string;
    /** What Google's support asks for. */
    readonly traceId?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** Google has not decided yet. */
  readonly reconciling?: boolean;
  readonly etag?: string;
}

/** Where a request stands. */
export type RequestState = 'pending' | 'granted' | 'partly granted' | 'denied';

/** What is done about a quota that is too small. `answered`: Google has decided on just this; asking again takes `--again`. */
export type QuotaAction = 'ask' | 'wait' | 'answered' | 'cannot';

export interface QuotaAsk {
  readonly finding: QuotaFinding;
  readonly action: QuotaAction;
  /** What is asked for, in the quota's unit. */
  readonly wanted: number;
  /** The one preference that a quota has in a region, whoever made it; else the name that it will get. */
  readonly name: string;
  readonly preference?: QuotaPreference;
}

/** The limit on the day of the request, in the API's units: without it a denial looks like a part that was granted. */
const LIMIT_BEFORE = 'lightonocr-limit-before';

const value = (text: string | undefined): number => {
  const number = Number(text ?? 0);
  return number < 0 ? Infinity : number;
};

export function requestState({ reconciling, quotaConfig }: QuotaPreference): RequestState {
  if (reconciling) return 'pending';
  const granted = value(quotaConfig.grantedValue);
  if (granted >= value(quotaConfig.preferredValue)) return 'granted';
  return granted > value(quotaConfig.annotations?.[LIMIT_BEFORE]) ? 'partly granted' : 'denied';
}

/** What Google gave, in the quota's unit. */
export const grantedAmount = ({ scale }: CloudQuota, { quotaConfig }: QuotaPreference): number =>
  value(quotaConfig.grantedValue) / scale;

export interface AskOptions {
  /** Instances of the deployment's size that shall fit; default what blocks or may block: the serving revision and a candidate. */
  readonly gpus?: number;
  /** Repeats a request that was denied, or granted in part. */
  readonly again?: boolean;
}

/** Every quota that counts and is too small, with what is to be done; none where all fit. Nothing is ever lowered. */
export function quotaAsks(
  deployment: Deployment,
  findings: readonly QuotaFinding[],
  preferences: readonly QuotaPreference[],
  { gpus, again = false }: AskOptions,
): QuotaAsk[] {
  const { project, region, size } = deployment;
  return findings.flatMap((finding): QuotaAsk[] => {
    const { quota, limit = 0, each, sum, fixed, verdict } = finding;
    const wanted = gpus === undefined ? sum : gpus * each;
    if (verdict === 'not counted' || verdict === 'unknown' || limit >= wanted) return [];
    const preference = preferences.find(
      ({ service, quotaId, dimensions }) =>
        service === quota.service && quotaId === quota.id && dimensions?.region === region,
    );
    const redundant = quota.of === 'gpus' && size.zonalRedundancy ? '-redundant' : '';
    const id = `lightonocr-${quota.unit.toLowerCase().replaceAll(' ', '-')}${redundant}-${region}`;
    const name = preference?.name ?? `projects/${project}/locations/global/quotaPreferences/${id}`;
    const ask = { finding, wanted, name, ...(preference && { preference }) };
    const asked = preference && value(preference.quotaConfig.preferredValue) / quota.scale;
    if (preference && asked! >= wanted) {
      if (requestState(preference) === 'pending') return [{ ...ask, wanted: asked!, action: 'wait' }];
      if (!again || requestState(preference) === 'granted')
        return [{ ...ask, wanted: asked!, action: 'answered' }];
    }
    if (fixed !== undefined) return [{ ...ask, action: 'cannot' }];
    return [{ ...ask, wanted: Math.max(wanted, asked ?? 0), action: 'ask' }];
  });
}

/** Who asks, and why. */
export interface Requester {
  /** Google's account of somebody who may change quotas: without one a request that raises questions is denied. */
  readonly email: string;
  readonly justification: string;
}

/** The body of a request: a PATCH of the preference's name with `allowMissing`. */
export function preferenceBody(
  { region }: Deployment,
  { finding: { quota, limit = 0 }, wanted, name, preference }: QuotaAsk,
  { email, justification }: Requester,
): object {
  return {
    name,
    service: quota.service,
    quotaId: quota.id,
    dimensions: { region },
    quotaConfig: {
      preferredValue: wanted === Infinity ? '-1' : String(wanted * quota.scale),
      annotations: {
        ...preference?.quotaConfig.annotations,
        [LIMIT_BEFORE]: String(limit * quota.scale),
      },
    },
    justification,
    contactEmail: email,
    ...(preference?.etag !== undefined && { etag: preference.etag }),
  };
}

/** Why, for whoever at Google reads it. */
export function defaultJustification({ service, size, scaling, region }: Deployment, gpus?: number): string {
  const one = `1 NVIDIA ${GPU_KINDS[size.gpu].name} ${size.zonalRedundancy ? 'with' : 'without'} zonal redundancy, ${size.cpu} vCPU and ${size.memoryGib} GiB`;
  const room =
    gpus === undefined
      ? `${counted(scaling.maxInstances, 'instance')}, twice: a release runs the new revision beside the old one`
      : `${counted(gpus, 'instance')}`;
  return `Document OCR (vLLM) as the Cloud Run service ${service} in ${region}: room for ${room}. An instance has ${one}; it scales to zero.`;
}
