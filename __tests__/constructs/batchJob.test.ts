import { Testing } from 'cdktf';
import { batchJob } from '../../domain/batch/job';
import { BatchStack } from '../../stacks/batchStack';
import { DEPLOYMENT } from './deployment';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const batch = { inputBuckets: ['documents'], outputBuckets: ['texts'], image: DIGEST, otherCallers: 0.2 };
const stack = (change = {}) =>
  JSON.parse(
    Testing.synth(new BatchStack(Testing.app(), { ...DEPLOYMENT, batch: { ...batch, ...change } })),
  ) as {
    resource: Record<string, Record<string, Record<string, unknown>>>;
    data: Record<string, Record<string, unknown>>;
  };

describe('BatchJob', () => {
  test('is a job without a GPU that runs the client by its digest', () => {
    const [job] = Object.values(stack().resource.google_cloud_run_v2_job!);
    expect(job).toMatchObject({
      ...{ name: 'lightonocr-gpu-batch', location: 'us-central1' },
      template: {
        template: {
          ...{ timeout: '604800s', max_retries: 10 },
          service_account: 'lightonocr-batch@example-project.iam.gserviceaccount.com',
          containers: [
            {
              image: `us-central1-docker.pkg.dev/example-project/loan-repo/lightonocr-client@${DIGEST}`,
              resources: { limits: { cpu: '2', memory: '2Gi' } },
            },
          ],
        },
      },
    });
  });

  test('reads the one bucket, writes the other, calls the service, and nothing else', () => {
    const { resource, data } = stack();
    const grants = Object.values(resource.google_storage_bucket_iam_member!).map(({ bucket, role }) => [
      bucket,
      role,
    ]);
    expect(grants).toEqual([
      ['${data.google_storage_bucket.read_documents.name}', 'roles/storage.objectViewer'],
      ['${data.google_storage_bucket.write_texts.name}', 'roles/storage.objectUser'],
    ]);
    expect(Object.values(resource.google_cloud_run_v2_service_iam_member!)).toMatchObject([
      { role: 'roles/run.invoker' },
    ]);
    expect(Object.keys(data.google_storage_bucket!)).toEqual(['read_documents', 'write_texts']);
    expect(Object.keys(resource).sort()).toEqual([
      ...['google_cloud_run_v2_job', 'google_cloud_run_v2_service_iam_member'],
      ...['google_service_account', 'google_storage_bucket_iam_member'],
    ]);
  });

  test.each(['', 'sha256:1', 'latest'])('rejects an image that is not pinned: %p', (image) => {
    expect(() => stack({ image })).toThrow(expect.objectContaining({ code: 'IMAGE_NOT_PINNED' }));
  });

  test('has the name that batch --start looks for', () => {
    expect(batchJob(DEPLOYMENT).name).toBe('lightonocr-gpu-batch');
  });
});
