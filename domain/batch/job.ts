import { accountEmail, accountId, imageName } from '../names';
import type { Deployment } from '../deployment';

/** Of a task: the supervising process and the reading one, which is ended at 1.5 GiB (`operate/batch/task.ts`). */
const MEMORY_GIB = 2;
/** Drawing of PDFs takes one; the other one waits for answers and scales pictures. */
const CPUS = 2;
/** Cloud Run's most without a GPU is 168 hours (https://cloud.google.com/run/docs/configuring/task-timeout): a week's backlog. */
const TIMEOUT_SECONDS = 168 * 3600;
/** A task whose machine is taken away goes on where it stopped: the number is for a task that cannot. */
const MAX_RETRIES = 10;

/** The job that reads batches: the same for every one of them; where a batch is, a run's own variable says. */
export interface BatchJob {
  readonly name: string;
  readonly image: string;
  readonly serviceAccount: string;
  readonly cpu: number;
  readonly memoryGib: number;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
}

/** Name of the client's image beside the service's own, with the digest. */
export const clientImage = (deployment: Deployment): string =>
  `${imageName(deployment).replace(/[^/]+$/, 'lightonocr-client')}@${deployment.batch.image}`;

export const batchJob = (deployment: Deployment): BatchJob => ({
  name: batchJobName(deployment),
  image: clientImage(deployment),
  serviceAccount: accountEmail(deployment.project, accountId('batch')),
  cpu: CPUS,
  memoryGib: MEMORY_GIB,
  timeoutSeconds: TIMEOUT_SECONDS,
  maxRetries: MAX_RETRIES,
});

export const batchJobName = ({ service }: Pick<Deployment, 'service'>): string => `${service}-batch`;
