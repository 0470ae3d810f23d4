import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, deadlineBy } from '../../../ocr/clock';
import { GoogleError, notFound } from '../googleError';
import type { Identity } from '../identity';
import type { Instance, Instances } from './instances';
import { BROKEN, type Listening } from './listening';
import type { Revision } from './resources';
import { isDisabled } from './scaling';
import type { Service } from './service';
import type { Services } from './services';

/** One request that reached a revision, or would have. */
export interface RequestRecord {
  /** Milliseconds since the epoch, when it came. */
  readonly at: number;
  readonly project: string;
  readonly location: string;
  readonly service: string;
  readonly revision: string;
  readonly tag?: string;
  /** `instanceId` of what answered; absent when nothing did. */
  readonly instance?: string;
  readonly method: string;
  /** `TAG---SERVICE/PATH`, query and all. */
  readonly url: string;
  readonly status: number;
  /** What Cloud Run itself says, where the answer is its own. */
  readonly problem?: string;
  readonly milliseconds: number;
  /** Of these, until an instance had it; absent when none did. */
  readonly waitedMilliseconds?: number;
}

/** Cloud Run's default request time-out, seconds. */
const REQUEST_TIMEOUT_SECONDS = 300;
/** Status and words of a service that is scaled to zero by hand are not confirmed [?]; the page names no status. */
const DISABLED = 'Service unavailable';
const NO_INSTANCE = 'The request was aborted because there was no available instance.';

/** Serves `/run/SERVICE/…` and `/run/TAG---SERVICE/…`, the URLs that the API gives. */
export function dataPlane(
  services: Services,
  instances: Instances,
  identity: Identity,
  clock: Clock,
  record: (request: RequestRecord, revision: Revision) => void,
) {
  const now = () => clock.now().getTime();
  /** Throws 401 and 403 as Cloud Run does; the audience is the service's own URL, for a tag's URL too. */
  function authorize(request: IncomingMessage, service: Service): void {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (!token) {
      throw new GoogleError(
        'PERMISSION_DENIED',
        'Your client does not have permission to get this URL from this server.',
      );
    }
    const audience = identity.audienceOf(token);
    if (audience !== undefined && [service.uri, ...(service.spec.customAudiences ?? [])].includes(audience))
      return;
    const found = audience === undefined ? 'it is no identity token' : `its audience is ${audience}`;
    throw new GoogleError(
      'UNAUTHENTICATED',
      `The access token could not be verified: ${found}, ${service.uri} is needed.`,
    );
  }

  function choose(service: Service, tag: string | undefined): Revision | undefined {
    const tagged = service.statuses.find((status) => status.tag === tag);
    const name =
      tag === undefined ? service.balancer() : tagged && (tagged.revision ?? service.latestReady?.name);
    return name === '' ? service.latestReady : service.revisions.get(name ?? '');
  }

  return async (
    request: IncomingMessage,
    response: ServerResponse,
    host: string,
    path: string,
  ): Promise<void> => {
    const at = now();
    const [id, tag] = host.split('---').reverse();
    const service = [...services.all.values()].find((one) => one.id === id);
    if (!service) throw notFound(host);
    authorize(request, service);
    const revision = choose(service, tag);
    if (!revision) throw notFound(host);
    const [, project = '', , location = ''] = service.name.split('/');
    const of = { project, location, service: service.id, revision: revision.name, ...(tag && { tag }) };
    let instance: Instance | undefined;
    let problem: string | undefined;
    let waitedMilliseconds: number | undefined;
    let isSent = false;
    response.on('finish', () => (isSent = true));
    response.on('close', () => {
      // Not finished and no fault of the instance: the client has gone.
      const status = isSent || response.statusCode === BROKEN ? response.statusCode : 499;
      record(
        {
          ...{ at, ...of, method: request.method ?? 'GET', url: `${host}${path}`, status },
          ...(instance && { instance: instance.id }),
          ...(problem !== undefined && { problem }),
          milliseconds: now() - at,
          ...(waitedMilliseconds !== undefined && { waitedMilliseconds }),
        },
        revision,
      );
    });
    const seconds = parseFloat(revision.template.timeout ?? '') || REQUEST_TIMEOUT_SECONDS;
    const timeout = deadlineBy(clock)(seconds);
    try {
      if (isDisabled(service, revision.name)) throw new GoogleError('UNAVAILABLE', DISABLED);
      instance = instanceOf(instances, revision);
      instance.inFlight++;
      const mostSeconds = instances.maxWaitSeconds(revision);
      const container = await waitFor(instance, mostSeconds, clock, timeout.signal);
      waitedMilliseconds = now() - at;
      await container.pass(request, response, path, timeout.signal);
    } catch (error) {
      problem = (error as Error).message;
      throw error;
    } finally {
      timeout.end();
      if (instance) {
        instance.inFlight--;
        instance.lastUsedAt = now();
        instances.sweep();
      }
    }
  };
}

/** Whatever keeps Cloud Run from starting one, a request is told the same. */
function instanceOf(instances: Instances, revision: Revision): Instance {
  try {
    return instances.get(revision);
  } catch (error) {
    if (!(error instanceof GoogleError) || error.status !== 'RESOURCE_EXHAUSTED') throw error;
    throw new GoogleError('RESOURCE_EXHAUSTED', NO_INSTANCE);
  }
}

/** The instance once it is ready. Throws 429 after `seconds`, 503 when it does not start, 504 after the time-out. */
export async function waitFor(
  instance: Pick<Instance, 'ready'>,
  seconds: number,
  clock: Clock,
  timeout: AbortSignal,
): Promise<Listening> {
  const done = new AbortController();
  const late = clock.sleep(seconds, AbortSignal.any([done.signal, timeout])).then(
    () => Promise.reject(new GoogleError('RESOURCE_EXHAUSTED', NO_INSTANCE)),
    () => Promise.reject(new GoogleError('DEADLINE_EXCEEDED', 'upstream request timeout')),
  );
  late.catch(() => undefined);
  const ready = instance.ready.catch((error: Error) =>
    Promise.reject(new GoogleError('UNAVAILABLE', error.message)),
  );
  return Promise.race([ready, late]).finally(() => done.abort());
}
