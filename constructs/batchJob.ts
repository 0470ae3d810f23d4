import { CloudRunV2Job } from '@cdktf/provider-google/lib/cloud-run-v2-job';
import { Construct } from 'constructs';
import type { BatchJob as Job } from '../domain/batch/job';
import { Failure } from '../domain/failure';

export interface BatchJobProps {
  readonly region: string;
  readonly job: Job;
  /** Terraform refuses to destroy the job while true. Default false: it holds nothing. */
  readonly deletionProtection?: boolean;
}

/** What gcloud and the API write at every run; a plan would undo it. */
const IGNORED = ['client', 'client_version'];

/**
 * A Cloud Run job without a GPU, private, its image by digest. Which folder it reads, a run's own variable says.
 * Address: `google_cloud_run_v2_job.ID`.
 * @throws Failure `IMAGE_NOT_PINNED` for an image without a digest: a run would take whatever the tag names by then.
 */
export class BatchJob extends Construct {
  constructor(scope: Construct, id: string, { region, job, deletionProtection = false }: BatchJobProps) {
    super(scope, id);
    if (!/@sha256:[0-9a-f]{64}$/.test(job.image)) throw notPinned(this.node.path, job.image);
    new CloudRunV2Job(this, 'Default', {
      name: job.name,
      location: region,
      deletionProtection,
      template: {
        template: {
          serviceAccount: job.serviceAccount,
          timeout: `${job.timeoutSeconds}s`,
          maxRetries: job.maxRetries,
          containers: [
            {
              image: job.image,
              resources: { limits: { cpu: String(job.cpu), memory: `${job.memoryGib}Gi` } },
            },
          ],
        },
      },
      lifecycle: { ignoreChanges: IGNORED },
    });
  }
}

function notPinned(where: string, image: string): Failure {
  return new Failure({
    code: 'IMAGE_NOT_PINNED',
    message: "The client's image is not named by its digest.",
    where,
    got: image,
    remedy: 'build it, and write its digest under batch.image in the deployment: docs/batch.md',
    exitCode: 2,
  });
}
