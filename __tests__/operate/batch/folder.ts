import { loadDeployment } from '../../../deployments/load';
import { bucketName } from '../../../domain/names';
import { type LocalCloud, startLocalCloud } from '../../../rehearsal/cloud/localCloud';
import { openRelease } from '../../../release/open';
import type { ReleaseContext } from '../../../release/ports/context';

/** Buckets of a local cloud with documents, and a person's context to it. */
export interface Folder {
  readonly cloud: LocalCloud;
  readonly context: ReleaseContext;
  /** Lines of progress. */
  readonly said: string[];
  put(bucket: string, name: string, content: Buffer | string, contentType?: string): Promise<void>;
}

export async function openFolder(...buckets: readonly string[]): Promise<Folder> {
  const deployment = loadDeployment('production');
  const cloud = await startLocalCloud({
    imageEntrypoint: [],
    buckets: [...buckets, bucketName(deployment, 'ledger')],
  });
  const said: string[] = [];
  const context = openRelease({
    deployment,
    endpoint: cloud.url,
    progress: (line) => said.push(line),
    environment: { accessToken: 'x', terraformEnvironment: {} },
  });
  return {
    ...{ cloud, context, said },
    async put(bucket, name, content, contentType) {
      await context.storage.write(bucket, name, content, '0', contentType);
    },
  };
}
