import { randomUUID } from 'node:crypto';
import { type Access, testedPermissions } from './access';
import { GoogleError, invalid, notFound } from './googleError';
import { nextPolicy, NO_POLICY } from './iamPolicy';
import { RESOURCE_KINDS, type ResourceKind } from './resourceKinds';
import { type Call, jsonBody, type Json, page, type RouteTable } from './routes';

export interface ResourceStore {
  /** Full names, in the order in which they were created; without what is only kept to be brought back. */
  names(): string[];
  has(name: string): boolean;
  policyOf(name: string): Json;
  readonly routes: RouteTable;
}

/** Resources as plain JSON: what was sent is what is there (https://google.aip.dev/130 to 135). */
export function resourceStore(access: Access): ResourceStore {
  const resources = new Map<string, Json>();
  const policies = new Map<string, Json>();
  const apis = new Map<string, Set<string>>();
  let created = 0;

  const find = (name: string): Json => {
    const resource = resources.get(name);
    if (!resource) throw notFound(name);
    return resource;
  };
  const policyOf = (name: string) => policies.get(name) ?? NO_POLICY;
  const setPolicy = (name: string, call: Call) => {
    const policy = nextPolicy(policyOf(name), (jsonBody(call).policy ?? {}) as Json);
    policies.set(name, policy);
    return policy;
  };

  function create(kind: ResourceKind, call: Call, parent: string, leaf: string): Json {
    const body = jsonBody(call);
    const { idInQuery, idInBody, idFrom, added } = kind;
    const given = idInQuery ? call.query.get(idInQuery) : idInBody ? body[idInBody.id] : String(++created);
    if (typeof given !== 'string' || given === '')
      throw invalid(`${idInQuery ?? idInBody?.id}: must be set.`);
    const project = parent.split('/')[1] ?? '';
    const id = idFrom?.(given, project) ?? given;
    const name = `${parent}/${leaf}/${id}`;
    if (resources.has(name)) throw new GoogleError('ALREADY_EXISTS', `Resource '${name}' already exists.`);
    const sent = (idInBody?.resource ? body[idInBody.resource] : body) as Json | undefined;
    const resource = { ...added?.({ name, id, project }), ...sent, name, etag: randomUUID() };
    resources.set(name, resource);
    return resource;
  }

  function patch({ patchIn }: ResourceKind, call: Call, name: string): Json {
    const body = jsonBody(call);
    const mask =
      (call.query.get('updateMask') ?? (patchIn ? (body.updateMask as string | undefined) : undefined)) ||
      undefined;
    const sent = (patchIn ? body[patchIn] : body) as Json;
    const resource = { ...applyMask(find(name), sent, mask?.split(',')), name, etag: randomUUID() };
    resources.set(name, resource);
    return resource;
  }

  const isMarked = ({ state, deleted }: Json) => state === 'DELETED' || deleted === true;
  function set(name: string, fields: Json): Json {
    const resource = { ...find(name), ...fields, etag: randomUUID() };
    resources.set(name, resource);
    return resource;
  }

  function remove({ marks }: ResourceKind, name: string): Json {
    find(name);
    if (marks) return set(name, marks.deleted);
    resources.delete(name);
    policies.delete(name);
    return {};
  }

  function routesOf(kind: ResourceKind): RouteTable {
    const [, version = '', parents = '', leaf = ''] = /^\/(v\d)\/(.+)\/(\w+)$/.exec(kind.collection) ?? [];
    const all = `/${version}/{parent=${parents}}/${leaf}`;
    const one = `/${version}/{name=${parents}/${leaf}/*}`;
    const finished = (name: string, response: Json): Json =>
      kind.operation ? { name: `${name}/operations/${randomUUID()}`, done: true, response } : response;
    return {
      [`POST ${all}`]: (call, parent) => {
        const resource = create(kind, call, parent, leaf);
        return finished(resource.name as string, resource);
      },
      [`GET ${all}`]: (call, parent) => {
        // What is only kept to be brought back is not listed, unless asked for (`showDeleted`).
        const inside = [...resources].filter(
          ([name, resource]) =>
            name.slice(0, name.lastIndexOf('/')) === `${parent}/${leaf}` && !isMarked(resource),
        );
        return page(
          call.query,
          kind.listed ?? leaf,
          inside.map(([, resource]) => resource),
        );
      },
      [`GET ${one}:getIamPolicy`]: (_call, name) => policyOf(find(name).name as string),
      [`POST ${one}:getIamPolicy`]: (_call, name) => policyOf(find(name).name as string),
      [`POST ${one}:setIamPolicy`]: (call, name) => setPolicy(find(name).name as string, call),
      [`POST ${one}:testIamPermissions`]: (call, name) => {
        find(name);
        return testedPermissions(access, call);
      },
      ...(kind.marks && {
        [`POST ${one}:undelete`]: (_call: Call, name: string) => finished(name, set(name, kind.marks!.back)),
      }),
      ...Object.fromEntries(
        Object.entries(kind.sets ?? {}).map(([verb, fields]) => [
          `POST ${one}:${verb}`,
          (_call: Call, name: string) => {
            set(name, fields);
            return {};
          },
        ]),
      ),
      ...Object.fromEntries(
        (kind.reads ?? []).map((verb) => [
          `GET ${one}:${verb}`,
          (_call: Call, name: string) => {
            find(name);
            return {};
          },
        ]),
      ),
      [`GET ${one}`]: (_call, name) => find(name),
      [`PATCH ${one}`]: (call, name) => finished(name, patch(kind, call, name)),
      [`DELETE ${one}`]: (_call, name) => finished(name, remove(kind, name)),
    };
  }

  /** The project itself: it exists, whatever it is called, and has a policy and APIs. */
  const enabled = (project: string) => apis.get(project) ?? new Set<string>();
  const apiJson = (project: string, api: string): Json => ({
    name: `projects/${project}/services/${api}`,
    parent: `projects/${project}`,
    config: { name: api },
    state: enabled(project).has(api) ? 'ENABLED' : 'DISABLED',
  });
  const enable = (project: string, names: readonly string[]): Json => {
    apis.set(project, new Set([...enabled(project), ...names]));
    names.forEach((name) => access.off.delete(name));
    const services = names.map((name) => apiJson(project, name));
    return { name: `operations/${randomUUID()}`, done: true, response: { services } };
  };
  const disable = (project: string, name: string): Json => {
    enabled(project).delete(name);
    access.off.add(name);
    return { name: `operations/${randomUUID()}`, done: true, response: { service: apiJson(project, name) } };
  };
  const ending = new Set<string>();
  const projectRoutes: RouteTable = {
    // A bucket's create asks who is behind a number; Compute Engine is none of the project's APIs, and the provider goes on.
    'GET /compute/v1/projects/{project}': (_call, project) => {
      throw new GoogleError(
        'PERMISSION_DENIED',
        `Compute Engine API has not been used in project ${project} before or it is disabled.`,
      );
    },
    'GET /v1/projects/{project}': (_call, projectId) => ({
      projectId,
      lifecycleState: ending.has(projectId) ? 'DELETE_REQUESTED' : 'ACTIVE',
      name: projectId,
    }),
    // Marked for 30 days; what is in it goes on here.
    'DELETE /v1/projects/{project}': (_call, projectId) => {
      ending.add(projectId);
      return {};
    },
    'POST /v1/projects/{project}:undelete': (_call, projectId) => {
      ending.delete(projectId);
      return {};
    },
    'POST /v1/{name=projects/*}:getIamPolicy': (_call, name) => policyOf(name),
    'POST /v1/{name=projects/*}:setIamPolicy': (call, name) => setPolicy(name, call),
    'POST /v1/projects/{project}/services:batchEnable': (call, project) =>
      enable(project, (jsonBody(call).serviceIds ?? []) as string[]),
    'POST /v1/projects/{project}/services/{api}:enable': (_call, project, api) => enable(project, [api]),
    'POST /v1/projects/{project}/services/{api}:disable': (_call, project, api) => disable(project, api),
    'POST /v1/{name=projects/*}:testIamPermissions': (call) => testedPermissions(access, call),
    'GET /v1/projects/{project}/services/{api}': (_call, project, api) => apiJson(project, api),
    'GET /v1/projects/{project}/services': (call, project) => {
      const filter = call.query.get('filter');
      if (filter !== 'state:ENABLED')
        throw invalid(`filter: the local cloud lists state:ENABLED only, got ${filter}.`);
      return page(
        call.query,
        'services',
        [...enabled(project)].map((api) => apiJson(project, api)),
        50,
      );
    },
  };

  return {
    names: () => [...resources].filter(([, resource]) => !isMarked(resource)).map(([name]) => name),
    has: (name) => resources.has(name),
    policyOf,
    routes: {
      ...Object.fromEntries(RESOURCE_KINDS.flatMap((kind) => Object.entries(routesOf(kind)))),
      ...projectRoutes,
    },
  };
}

/** The fields that a mask names, from what was sent; without a mask all that were sent. */
function applyMask(current: Json, sent: Json, mask: readonly string[] | undefined): Json {
  if (!mask) return { ...current, ...sent };
  const next = structuredClone(current);
  for (const path of mask) {
    const keys = path
      .split('.')
      .map((key) => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
    const last = keys.pop()!;
    let [to, from]: [Json, Json | undefined] = [next, sent];
    for (const key of keys) {
      to = (to[key] ??= {}) as Json;
      from = from?.[key] as Json | undefined;
    }
    if (from?.[last] === undefined) delete to[last];
    else to[last] = from[last];
  }
  return next;
}
