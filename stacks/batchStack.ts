import { CloudRunV2ServiceIamMember } from '@cdktf/provider-google/lib/cloud-run-v2-service-iam-member';
import { DataGoogleStorageBucket } from '@cdktf/provider-google/lib/data-google-storage-bucket';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import type { Construct } from 'constructs';
import { BatchJob } from '../constructs/batchJob';
import { ServiceIdentity } from '../constructs/serviceIdentity';
import { batchJob } from '../domain/batch/job';
import type { Deployment } from '../domain/deployment';
import { accountId } from '../domain/names';
import { BaseStack } from './baseStack';

/**
 * The job that reads folders, and its account: it reads the input's buckets, writes the output's, calls the service, and nothing
 * else. The buckets are their owner's: they are looked up, never made or opened. A person applies it.
 */
export class BatchStack extends BaseStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'batch', deployment);
    const { batch, service, region } = deployment;
    const job = batchJob(deployment);
    const { member } = new ServiceIdentity(this, 'batch', {
      accountId: accountId('batch'),
      displayName: 'Reads batches of documents',
    });
    const grant = (bucket: string, access: 'read' | 'write', role: string) => {
      const { name } = new DataGoogleStorageBucket(this, `${access}_${bucket}`, { name: bucket });
      new StorageBucketIamMember(this, `${access}_${bucket}_grant`, { bucket: name, role, member });
    };
    for (const bucket of batch.inputBuckets) grant(bucket, 'read', 'roles/storage.objectViewer');
    for (const bucket of batch.outputBuckets) grant(bucket, 'write', 'roles/storage.objectUser');
    new CloudRunV2ServiceIamMember(this, 'invoker', {
      name: service,
      location: region,
      role: 'roles/run.invoker',
      member,
    });
    new BatchJob(this, 'job', { region, job });
  }
}
