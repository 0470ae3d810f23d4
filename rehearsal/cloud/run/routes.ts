import { type Access, testedPermissions } from '../access';
import { GoogleError, invalid, notFound } from '../googleError';
import { type Call, jsonBody, type Json, page, type RouteTable } from '../routes';
import type { Instances } from './instances';
import { revisionJson } from './resources';
import { checkEtag, type Service, serviceJson } from './service';
import type { Services } from './services';

/** Fields of a service that an update mask may name here: top-level ones. */
function readMask(call: Call): string[] | undefined {
  const mask = call.query.get('updateMask') ?? call.query.get('update_mask') ?? '';
  if (mask === '' || mask === '*') return undefined;
  return mask.split(',').map((path) => {
    const field = path.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (!/^\w+$/.test(field))
      throw invalid(`updateMask: "${path}": the local cloud takes top-level fields only.`);
    return field;
  });
}

/** Cloud Run Admin API v2 (https://cloud.google.com/run/docs/reference/rest/v2). */
export function runRoutes(services: Services, instances: Instances, access: Access): RouteTable {
  const revisionOf = (name: string) => {
    const [service = '', id = ''] = name.split('/revisions/');
    const found = services.find(service);
    const revision = found.revisions.get(id);
    if (!revision) throw notFound(name);
    return { service: found, revision };
  };
  const inside = (parent: string) =>
    [...services.all.values()].filter(({ name }) => name.startsWith(`${parent}/services/`));

  return {
    'GET /v2/{name=projects/*/locations/*/services/*}:getIamPolicy': (_call, name) =>
      services.find(name).policy,
    'POST /v2/{name=projects/*/locations/*/services/*}:setIamPolicy': (call, name) =>
      setPolicy(services.find(name), jsonBody(call).policy as Json | undefined),
    'POST /v2/{name=projects/*/locations/*/services/*}:testIamPermissions': (call, name) => {
      services.find(name);
      return testedPermissions(access, call);
    },
    'POST /v2/{parent=projects/*/locations/*}/services': (call, parent) =>
      services.create(
        parent,
        call.query.get('serviceId') ?? call.query.get('service_id') ?? '',
        jsonBody(call),
      ),
    'GET /v2/{parent=projects/*/locations/*}/services': (call, parent) =>
      page(call.query, 'services', inside(parent).map(serviceJson)),
    'GET /v2/{name=projects/*/locations/*/services/*}': (_call, name) => serviceJson(services.find(name)),
    'PATCH /v2/{name=projects/*/locations/*/services/*}': (call, name) =>
      services.update(name, jsonBody(call), readMask(call), call.query.get('allowMissing') === 'true'),
    'DELETE /v2/{name=projects/*/locations/*/services/*}': (_call, name) => services.remove(name),
    'GET /v2/{parent=projects/*/locations/*/services/*}/revisions': (call, parent) => {
      const newestFirst = [...services.find(parent).revisions.values()].reverse();
      return page(call.query, 'revisions', newestFirst.map(revisionJson));
    },
    'GET /v2/{name=projects/*/locations/*/services/*/revisions/*}': (_call, name) =>
      revisionJson(revisionOf(name).revision),
    'DELETE /v2/{name=projects/*/locations/*/services/*/revisions/*}': (_call, name) => {
      const { service, revision } = revisionOf(name);
      const inUse = service.statuses.some((status) => status.revision === revision.name);
      if (inUse || revision === service.latestCreated) {
        throw new GoogleError(
          'FAILED_PRECONDITION',
          `Revision '${revision.name}' is in use and cannot be deleted.`,
        );
      }
      service.revisions.delete(revision.name);
      instances.stop(revision);
      const response = {
        '@type': 'type.googleapis.com/google.cloud.run.v2.Revision',
        ...revisionJson(revision),
      };
      return {
        name: `${name.replace(/\/services\/.*/, '')}/operations/${revision.uid}`,
        done: true,
        response,
      };
    },
  };
}

function setPolicy(service: Service, policy: Json = {}): Json {
  const { etag = '' } = service.policy as { etag?: string };
  checkEtag({ etag }, etag && policy.etag);
  const version = Number(Buffer.from(etag, 'base64').toString()) + 1;
  service.policy = { ...policy, etag: Buffer.from(String(version)).toString('base64') };
  return service.policy;
}
