import { z } from 'zod';
import type { Deployment } from '../../../domain/deployment';
import { IMAGE, REPOSITORY } from '../../../domain/names';
import type { Clock } from '../../../ocr/clock';
import { again } from '../again';
import { callFor } from './answer';
import { type CallApi, isStatus } from './googleApi';

/** Tags and digests of the service's image in Artifact Registry. */
export interface Registry {
  /** Digest that a tag names, or undefined. */
  digestOf(tag: string): Promise<string | undefined>;
  /** True while the image with this digest is there. */
  has(digest: string): Promise<boolean>;
  /** Every tag of an image. */
  tagsOf(digest: string): Promise<string[]>;
  /** Gives an image a tag; a tag that names it already is left alone. */
  tag(tag: string, digest: string): Promise<void>;
}

const rawVersion = z.looseObject({ name: z.string().min(1) });
const rawTag = z.looseObject({ name: z.string().min(1), version: z.string().min(1) });
/** An empty object is how the API says that there is none. */
const rawTags = z.looseObject({ tags: z.array(rawTag).optional(), nextPageToken: z.string().optional() });

export function registry(call: CallApi, deployment: Deployment, clock: Clock): Registry {
  const name = `projects/${deployment.project}/locations/${deployment.region}/repositories/${REPOSITORY}/packages/${IMAGE}`;
  const path = `/v1/${name}`;

  const get = async <T>(suffix: string, schema: z.ZodType<T>) => {
    try {
      return (await callFor(call, 'artifactregistry', { path: `${path}/${suffix}` }, schema)).data;
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  };

  const digestOf = async (tag: string) => {
    const found = await get(`tags/${tag}`, rawTag);
    return found?.version.slice(found.version.lastIndexOf('/') + 1);
  };

  return {
    digestOf,
    has: async (digest) => (await get(`versions/${digest}`, rawVersion)) !== undefined,
    async tagsOf(digest) {
      const found: z.infer<typeof rawTag>[] = [];
      let pageToken: string | undefined;
      do {
        const query = { filter: `version="${name}/versions/${digest}"`, pageSize: 1000, pageToken };
        const { data } = await callFor(call, 'artifactregistry', { path: `${path}/tags`, query }, rawTags);
        found.push(...(data.tags ?? []));
        pageToken = data.nextPageToken || undefined;
      } while (pageToken);
      const own = found.filter(({ version }) => version.endsWith(`/${digest}`));
      return own.map((tag) => tag.name.slice(tag.name.lastIndexOf('/') + 1));
    },
    tag: (tag, digest) =>
      again({ clock }, async () => {
        const current = await digestOf(tag);
        if (current === digest) return;
        const body = { name: `${name}/tags/${tag}`, version: `${name}/versions/${digest}` };
        const target =
          current === undefined
            ? ({ method: 'POST', path: `${path}/tags`, query: { tagId: tag } } as const)
            : ({ method: 'PATCH', path: `${path}/tags/${tag}`, query: { updateMask: 'version' } } as const);
        try {
          await callFor(call, 'artifactregistry', { ...target, body }, rawTag);
        } catch (error) {
          // A run that joined the same build gave it a moment ago.
          if (!isStatus(error, 409) || (await digestOf(tag)) !== digest) throw error;
        }
      }),
  };
}
