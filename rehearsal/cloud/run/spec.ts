import { randomUUID } from 'node:crypto';
import { sha256 } from '../../../domain/canonical';
import { LATEST, type TrafficTarget } from '../../../domain/releases/traffic';
import { omit } from '../collections';
import type { MessageReader } from '../protoJson';
import type { Json } from '../routes';
import type { Revision, ServiceSpec, Template } from './resources';

const LATEST_ALL: readonly TrafficTarget[] = [{ type: LATEST, percent: 100 }];

/** What a message asks for, on top of what stays. */
export function specOf(
  read: MessageReader,
  body: Json,
  mask: readonly string[] | undefined,
  old: ServiceSpec | undefined,
): ServiceSpec {
  const wanted = omit(read(body), 'name', 'etag');
  if (mask) read(Object.fromEntries(mask.map((field) => [field, null]))); // names the field that is none
  const masked = mask && Object.fromEntries(mask.map((field) => [field, wanted[field]]));
  const {
    template = {},
    traffic = [],
    ...rest
  } = { ...(mask && old), ...(masked ?? wanted) } as Partial<ServiceSpec>;
  return { ...rest, template, traffic: traffic.length > 0 ? traffic : LATEST_ALL };
}

/** Named as the template says, or as Cloud Run names one: `S-00002-abc`. */
export function newRevision(
  service: string,
  id: string,
  template: Template,
  generation: number,
  createTime: string,
): Revision {
  const uid = randomUUID();
  const suffix = sha256(uid).replace(/\d/g, '').padEnd(3, 'x').slice(0, 3);
  const name = template.revision ?? `${id}-${String(generation).padStart(5, '0')}-${suffix}`;
  return {
    name,
    service,
    template,
    uid,
    createTime,
    state: 'CONDITION_PENDING',
    settled: Promise.resolve(),
  };
}
