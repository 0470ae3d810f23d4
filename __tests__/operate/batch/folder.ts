import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { loadDeployment } from '../../../deployments/load';
import { bucketName } from '../../../domain/names';
import {
  type LocalCloud,
  type LocalCloudOptions,
  startLocalCloud,
} from '../../../rehearsal/cloud/localCloud';
import { listeningOn } from '../../../rehearsal/cloud/run/listening';
import type { StartContainer } from '../../../rehearsal/cloud/run/process';
import { openRelease } from '../../../release/open';
import type { ReleaseContext } from '../../../release/ports/context';

/** Buckets of a local cloud with documents, and a person's context to it. */
export interface Folder {
  readonly cloud: LocalCloud;
  readonly context: ReleaseContext;
  /** Lines of progress. */
  readonly said: string[];
  put(bucket: string, name: string, content: Buffer | string, contentType?: string): Promise<void>;
  /** Makes the service, with a revision `lightonocr-gpu-a` that has all traffic. */
  serve(): Promise<void>;
  /** Makes a job. */
  makeJob(name: string): Promise<void>;
}

export const openFolder = (...buckets: readonly string[]): Promise<Folder> => openFolderWith({}, buckets);

export async function openFolderWith(
  options: Partial<LocalCloudOptions>,
  buckets: readonly string[],
): Promise<Folder> {
  const deployment = loadDeployment('production');
  const cloud = await startLocalCloud({
    imageEntrypoint: ['container'],
    operationSeconds: 0,
    startContainer: listening,
    ...options,
    buckets: [...buckets, bucketName(deployment, 'ledger')],
  });
  const { project, region, service } = deployment;
  const location = `/v2/projects/${project}/locations/${region}`;
  const image = `${region}-docker.pkg.dev/${project}/loan-repo/lightonocr-gpu`;
  const reference = `${image}@${cloud.registry.push({ name: image, tags: ['t'], entrypoint: ['container'], env: {} })}`;
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
    async serve() {
      const template = {
        revision: `${service}-a`,
        containers: [{ image: reference, ports: [{ containerPort: 8000 }] }],
      };
      const query = { serviceId: service };
      await context.call('run', { method: 'POST', path: `${location}/services`, query, body: { template } });
      for (;;) {
        const found = await context.cloudRun.service();
        if (found?.reconciling === false) return;
      }
    },
    async makeJob(jobId) {
      const body = { template: { template: { containers: [{ image: reference }] } } };
      await context.call('run', { method: 'POST', path: `${location}/jobs`, query: { jobId }, body });
    },
  };
}

/** A container that listens, and does nothing else. */
const listening: StartContainer = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  let end: (reason: string) => void = () => undefined;
  const exited = new Promise<string>((resolve) => (end = resolve));
  const kill = () => {
    server.close();
    end('Container called exit(0).');
  };
  return { listening: listeningOn((server.address() as AddressInfo).port), exited, kill };
};
