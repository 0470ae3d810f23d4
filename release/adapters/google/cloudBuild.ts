import { z } from 'zod';
import type { EndedBuild } from '../../../domain/image/buildOutcome';
import type { Deployment } from '../../../domain/deployment';
import { callFor } from './answer';
import type { CallApi } from './googleApi';

const STATUSES = [
  'STATUS_UNKNOWN',
  'PENDING',
  'QUEUED',
  'WORKING',
  'SUCCESS',
  'FAILURE',
  'INTERNAL_ERROR',
  'TIMEOUT',
  'CANCELLED',
  'EXPIRED',
] as const;
export type BuildStatus = (typeof STATUSES)[number];

/** Statuses of a build that has not ended. */
export const RUNNING: readonly BuildStatus[] = ['PENDING', 'QUEUED', 'WORKING'];

/** A build, the part that releases read (https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds). */
export interface Build extends EndedBuild {
  readonly status: BuildStatus;
  readonly createTime?: string;
  readonly startTime?: string;
  readonly finishTime?: string;
  /** `gs://BUCKET`, and a folder where one was given. */
  readonly logsBucket?: string;
  readonly substitutions?: Readonly<Record<string, string>>;
  readonly results?: { readonly images?: readonly { readonly name?: string; readonly digest?: string }[] };
}

/** What is decided upon; an answer without it is none. */
const rawBuild: z.ZodType<Build> = z.looseObject({ id: z.string().min(1), status: z.enum(STATUSES) });
const rawBuilds = z.looseObject({ builds: z.array(rawBuild).optional() });
const submitted = z.looseObject({ metadata: z.looseObject({ build: rawBuild }) });

export interface CloudBuild {
  /** Builds with this tag, newest first; the first hundred. */
  tagged(tag: string, status?: BuildStatus): Promise<readonly Build[]>;
  submit(build: object): Promise<Build>;
  get(id: string): Promise<Build>;
  cancel(id: string): Promise<void>;
}

export function cloudBuild(call: CallApi, deployment: Deployment): CloudBuild {
  const path = `/v1/projects/${deployment.project}/locations/${deployment.region}/builds`;
  return {
    async tagged(tag, status) {
      const filter = [`tags="${tag}"`, ...(status ? [`status="${status}"`] : [])].join(' AND ');
      const query = { filter, pageSize: 100 };
      return (await callFor(call, 'cloudbuild', { path, query }, rawBuilds)).data.builds ?? [];
    },
    async submit(build) {
      const request = { method: 'POST', path, body: build } as const;
      const { data } = await callFor(call, 'cloudbuild', request, submitted);
      return data.metadata.build;
    },
    get: async (id) => (await callFor(call, 'cloudbuild', { path: `${path}/${id}` }, rawBuild)).data,
    async cancel(id) {
      await call('cloudbuild', { method: 'POST', path: `${path}/${id}:cancel`, body: {} });
    },
  };
}
