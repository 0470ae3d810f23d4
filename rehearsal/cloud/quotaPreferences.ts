import { randomUUID } from 'node:crypto';
import { GoogleError, invalid, notFound } from './googleError';
import { type Call, jsonBody, type Json, page, type RouteTable } from './routes';

/** What somebody at Google is asked, in the API's units. */
export interface QuotaQuestion {
  readonly quotaId: string;
  readonly region: string;
  readonly preferred: number;
  /** In force now. */
  readonly current: number;
}

/** Their answer; undefined while they have none. Asked again whenever somebody looks. */
export type QuotaDecision = (
  question: QuotaQuestion,
) => { readonly granted: number; readonly stateDetail?: string } | undefined;

interface Preference {
  readonly name: string;
  readonly service: string;
  readonly quotaId: string;
  readonly region: string;
  preferred: number;
  granted: number;
  reconciling: boolean;
  stateDetail?: string;
  readonly createTime: string;
  updateTime: string;
  etag: string;
  traceId: string;
  annotations?: Json;
  justification?: string;
}

export interface QuotaPreferences {
  readonly routes: RouteTable;
  /** What Google has granted for a quota in regions of a project. */
  granted(project: string, service: string, quotaId: string): ReadonlyMap<string, number>;
}

/**
 * Requests for quota (https://cloud.google.com/docs/quotas/reference/rest/v1/projects.locations.quotaPreferences): pending
 * until decided, `grantedValue` the old one meanwhile; one preference a quota and region. The words of its refusals are not
 * Google's [?], their codes are; so is that a second preference of a quota and region is a 409.
 * @param limitOf what is in force by default; undefined for a quota that there is not.
 */
export function quotaPreferences(
  limitOf: (service: string, quotaId: string) => number | undefined,
  decide: QuotaDecision,
  now: () => number,
): QuotaPreferences {
  const all = new Map<string, Preference>();
  const time = () => new Date(now()).toISOString();

  function lookAt(preference: Preference): Preference {
    if (!preference.reconciling) return preference;
    const { quotaId, region, preferred, granted: current } = preference;
    const answer = decide({ quotaId, region, preferred, current });
    if (!answer) return preference;
    const { granted, stateDetail } = answer;
    return Object.assign(preference, {
      granted,
      stateDetail,
      reconciling: false,
      updateTime: time(),
      etag: randomUUID(),
    });
  }

  function write(call: Call, name: string): Json {
    const body = jsonBody(call);
    const { preferredValue, annotations } = (body.quotaConfig ?? {}) as Json;
    const { service, quotaId, contactEmail, justification } = body as Record<string, string | undefined>;
    const region = (body.dimensions as Record<string, string> | undefined)?.region;
    if (!service || !quotaId || !region) throw invalid('service, quota_id and dimensions must be set.');
    const preferred = Number(preferredValue);
    if (!Number.isInteger(preferred) || preferred < -1)
      throw invalid(`quota_config.preferred_value: ${String(preferredValue)}`);
    const limit = limitOf(service, quotaId);
    if (limit === undefined) throw invalid(`Quota '${quotaId}' of ${service} does not exist.`);

    const known = all.get(name);
    const project = name.split('/')[1];
    const other = [...all.values()].find(
      (one) =>
        one.name !== name &&
        one.name.split('/')[1] === project &&
        one.service === service &&
        one.quotaId === quotaId &&
        one.region === region,
    );
    if (other) throw new GoogleError('ALREADY_EXISTS', `Quota preference '${other.name}' already exists.`);
    if (known && (known.quotaId !== quotaId || known.region !== region || known.service !== service))
      throw invalid('service, quota_id and dimensions are immutable.');
    if (known && body.etag !== undefined && body.etag !== known.etag)
      throw new GoogleError('ABORTED', 'The etag does not match the current one.');
    const current = known ? lookAt(known).granted : limit;
    const isIncrease = preferred === -1 || preferred > current;
    if (isIncrease && !contactEmail) throw invalid('contact_email must be set for an increase.');
    if (!isIncrease && preferred < 0.9 * current && !call.query.has('ignoreSafetyChecks'))
      throw new GoogleError('FAILED_PRECONDITION', 'QUOTA_DECREASE_PERCENTAGE_TOO_HIGH');
    const preference: Preference = {
      name,
      service,
      quotaId,
      region,
      preferred,
      granted: isIncrease ? current : preferred,
      reconciling: isIncrease,
      createTime: known?.createTime ?? time(),
      updateTime: time(),
      etag: randomUUID(),
      traceId: randomUUID().replaceAll('-', ''),
      annotations: annotations as Json | undefined,
      justification,
    };
    all.set(name, preference);
    return json(preference);
  }

  const find = (name: string): Preference => {
    const found = all.get(name);
    if (!found) throw notFound(name);
    return lookAt(found);
  };
  return {
    granted: (project, service, quotaId) =>
      new Map(
        [...all.values()]
          .filter((one) => one.name.split('/')[1] === project)
          .filter((one) => one.service === service && one.quotaId === quotaId)
          .map((one) => [one.region, lookAt(one).granted]),
      ),
    routes: {
      'GET /v1/{parent=projects/*/locations/global}/quotaPreferences': (call, parent) =>
        page(
          call.query,
          'quotaPreferences',
          [...all.values()]
            .filter(({ name }) => name.startsWith(`${parent}/`))
            .map((preference) => json(lookAt(preference))),
        ),
      'POST /v1/{parent=projects/*/locations/global}/quotaPreferences': (call, parent) => {
        const name = `${parent}/quotaPreferences/${call.query.get('quotaPreferenceId') || randomUUID()}`;
        if (all.has(name)) throw new GoogleError('ALREADY_EXISTS', `Resource '${name}' already exists.`);
        return write(call, name);
      },
      'GET /v1/{name=projects/*/locations/global/quotaPreferences/*}': (_call, name) => json(find(name)),
      'PATCH /v1/{name=projects/*/locations/global/quotaPreferences/*}': (call, name) => {
        if (call.query.get('allowMissing') !== 'true') find(name);
        return write(call, name);
      },
    },
  };
}

/** As the API writes it: an int64 as text, false not at all, and never the e-mail, which is input only. */
function json(preference: Preference): Json {
  const { region, preferred, granted, reconciling, stateDetail, traceId, annotations, ...rest } = preference;
  return {
    ...rest,
    dimensions: { region },
    quotaConfig: {
      preferredValue: String(preferred),
      grantedValue: String(granted),
      traceId,
      ...(stateDetail !== undefined && { stateDetail }),
      ...(annotations && { annotations }),
    },
    ...(reconciling && { reconciling }),
  };
}
