import { randomUUID } from 'node:crypto';
import { canonicalJson } from '../../../domain/canonical';
import { LATEST } from '../../../domain/releases/traffic';
import type { Clock } from '../../../ocr/clock';
import { GoogleError, invalid, notFound } from '../googleError';
import type { MessageReader } from '../protoJson';
import type { Json } from '../routes';
import type { Instances } from './instances';
import type { Operations } from './operations';
import type { Secrets } from '../secrets';
import { environmentOf, projectOf, type Revision, type ServiceSpec, type Template } from './resources';
import { checkService } from './rules';
import { isKept } from './scaling';
import { checkEtag, notReady, type Service, serviceJson } from './service';
import { newRevision, specOf } from './spec';
import { smoothBalancer, trafficStatuses } from './traffic';

export interface ServicesOptions {
  readonly url: () => string;
  readonly operationSeconds: number;
  readonly clock: Clock;
  readonly read: MessageReader;
  /** A variable that names a secret is looked up at the deploy, as Cloud Run does. */
  readonly secrets: Pick<Secrets, 'valueFor'>;
  readonly operations: Operations;
  readonly instances: Instances;
}

/** Cloud Run services and what a write does to them; answers are operations. */
export interface Services {
  readonly all: Map<string, Service>;
  /** By full name; 404 where there is none. */
  find(name: string): Service;
  create(parent: string, id: string, body: Json): Json;
  /** Without a mask the whole service is replaced; with one, only its top-level fields. */
  update(name: string, body: Json, mask: readonly string[] | undefined, allowMissing: boolean): Json;
  remove(name: string): Json;
}

const SERVICE_TYPE = 'type.googleapis.com/google.cloud.run.v2.Service';

export function services(options: ServicesOptions): Services {
  const { clock, instances } = options;
  const all = new Map<string, Service>();
  const time = () => clock.now().toISOString();

  const operation = async () => {
    if (options.operationSeconds > 0) await clock.sleep(options.operationSeconds);
  };
  const find = (name: string) => {
    const service = all.get(name);
    if (!service) throw notFound(name);
    return service;
  };

  /** The revision that a template stands for: one that is, or a new one. */
  function revisionFor(service: Service, template: Template): Revision {
    const named = service.revisions.get(template.revision ?? '');
    if (named && canonicalJson(named.template) !== canonicalJson(template)) {
      throw new GoogleError(
        'ALREADY_EXISTS',
        `Revision named '${named.name}' with different configuration already exists.`,
      );
    }
    if (named) return named;
    if (canonicalJson(service.spec.template) === canonicalJson(template)) return service.latestCreated;
    return newRevision(service.name, service.id, template, service.generation + 1, time());
  }

  async function deploy(service: Service, revision: Revision): Promise<void> {
    try {
      await instances.get(revision).ready;
      revision.state = 'CONDITION_SUCCEEDED';
    } catch (error) {
      revision.state = 'CONDITION_FAILED';
      revision.message = (error as Error).message;
    }
    if (revision === service.latestCreated && revision.state === 'CONDITION_SUCCEEDED')
      service.latestReady = revision;
  }

  /** Gives traffic to whom the spec wants, if they can take it. */
  async function route(service: Service): Promise<void> {
    const wanted = () =>
      service.spec.traffic.flatMap(({ revision = '' }) => service.revisions.get(revision) ?? []);
    await Promise.all(wanted().map(({ settled }) => settled));
    const unready = wanted().find(({ state }) => state !== 'CONDITION_SUCCEEDED');
    const none = service.spec.traffic.some(({ type }) => type === LATEST) && !service.latestReady;
    delete service.trafficFailure;
    if (unready || none) {
      service.trafficFailure = notReady(unready ?? service.latestCreated);
      throw new Error(service.trafficFailure);
    }
    service.statuses = trafficStatuses(
      service.spec.traffic,
      (tag) => `${options.url()}/run/${tag}---${service.id}`,
    );
    service.balancer = smoothBalancer(
      service.statuses.map(({ revision, percent = 0 }) => ({ target: revision ?? '', weight: percent })),
    );
    for (const revision of service.revisions.values()) {
      if (isKept(service, revision.name)) instances.get(revision).ready.catch(() => undefined);
    }
  }

  /**
   * Works off one accepted write. A revision that fails leaves traffic as it was, while the spec is already the new one; what
   * is routed is always the newest spec, so that a write which settles late does not undo a newer one.
   */
  async function settle(service: Service, deploys: boolean): Promise<void> {
    const revision = service.latestCreated;
    try {
      await operation();
      if (deploys) await revision.settled;
      if (deploys && revision.state === 'CONDITION_FAILED') throw new Error(notReady(revision));
      await route(service);
    } finally {
      service.pendingWrites--;
      if (service.pendingWrites === 0) service.observedGeneration = service.generation;
      instances.sweep();
    }
  }

  /** Makes an accepted spec the service's own and begins the operation. */
  function accept(service: Service, spec: ServiceSpec, revision: Revision, deploys: boolean): Json {
    Object.assign(service, { spec, latestCreated: revision, etag: `"${randomUUID()}"`, updateTime: time() });
    service.generation++;
    service.pendingWrites++;
    all.set(service.name, service);
    if (!service.revisions.has(revision.name)) {
      service.revisions.set(revision.name, revision);
      revision.settled = deploy(service, revision);
    } else if (deploys && revision.state === 'CONDITION_SUCCEEDED') {
      service.latestReady = revision;
    }
    return begin(service, settle(service, deploys));
  }

  const begin = (service: Service, work: Promise<unknown>) =>
    options.operations.begin(
      service.name.replace(/\/services\/.*/, ''),
      () => ({ '@type': SERVICE_TYPE, ...serviceJson(service) }),
      work,
    );

  function create(parent: string, id: string, body: Json): Json {
    const name = `${parent}/services/${id}`;
    // 49 characters: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/create
    if (!/^[a-z]([-a-z0-9]{0,47}[a-z0-9])?$/.test(id))
      throw invalid(`serviceId: "${id}" is no name of a service.`);
    if (all.has(name)) throw new GoogleError('ALREADY_EXISTS', `Resource '${id}' already exists.`);
    const spec = specOf(options.read, body, undefined, undefined);
    checkService(id, spec, (revision) => revision === spec.template.revision);
    environmentOf(spec.template, projectOf(name), options.secrets);
    const revision = newRevision(name, id, spec.template, 1, time());
    const service: Service = {
      ...{ name, id, spec, uri: `${options.url()}/run/${id}`, uid: randomUUID() },
      ...{
        createTime: time(),
        updateTime: time(),
        etag: '',
        generation: 0,
        observedGeneration: 0,
        pendingWrites: 0,
      },
      ...{ revisions: new Map<string, Revision>(), latestCreated: revision, statuses: [], policy: {} },
      balancer: () => undefined,
    };
    return accept(service, spec, revision, true);
  }

  return {
    all,
    find,
    create,
    update(name, body, mask, allowMissing) {
      if (!all.has(name) && allowMissing) {
        const [parent = '', id = ''] = name.split('/services/');
        return create(parent, id, body);
      }
      const service = find(name);
      const spec = specOf(options.read, body, mask, service.spec);
      checkEtag(service, body.etag);
      checkService(
        service.id,
        spec,
        (revision) => service.revisions.has(revision) || revision === spec.template.revision,
      );
      environmentOf(spec.template, projectOf(service.name), options.secrets);
      const deploys = mask === undefined || mask.includes('template');
      return accept(
        service,
        spec,
        deploys ? revisionFor(service, spec.template) : service.latestCreated,
        deploys,
      );
    },
    remove(name) {
      const service = find(name);
      all.delete(name);
      for (const revision of service.revisions.values()) instances.stop(revision);
      return begin(service, operation());
    },
  };
}
