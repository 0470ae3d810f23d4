import { z } from 'zod';
import { type BatchPlaces, placeOf, placeUrl } from '../../domain/batch/places';
import { bucketName } from '../../domain/names';
import { sha256 } from '../../domain/canonical';
import type { Deployment } from '../../domain/deployment';
import { Failure } from '../../domain/failure';
import type { ReleaseContext } from '../../release/ports/context';
import { readManifest } from './task';
import { batchStore, type BatchStore } from './store';
import type { Manifest } from '../../domain/batch/manifest';

const HASH_LENGTH = 6;

/** `DEPLOYMENT-HASH`, the same for the same folders. */
export const batchName = ({ name }: Deployment, places: BatchPlaces): string =>
  `${name}-${sha256(`${placeUrl(places.input)} ${placeUrl(places.out)}`).slice(0, HASH_LENGTH)}`;

const recordSchema = z.object({ out: z.string(), execution: z.string() });
export type BatchRecord = z.infer<typeof recordSchema>;

/** Where a batch's results are and what runs for it: in the ledger's bucket, for whoever has its name alone. */
const recordObject = (deployment: Deployment, name: string) => `${deployment.name}/batches/${name}.json`;

export const storeOf = (context: ReleaseContext, bucket: string): BatchStore =>
  batchStore(
    context.call,
    { bucket },
    {
      ...context.clock,
      signal: context.signal,
      random: context.random ?? Math.random,
      progress: context.progress,
    },
  );

export async function writeRecord(context: ReleaseContext, name: string, record: BatchRecord): Promise<void> {
  const ledger = storeOf(context, bucketName(context.deployment, 'ledger'));
  await ledger.replace(recordObject(context.deployment, name), JSON.stringify(record));
}

/** What is known of a batch by its name. */
export interface KnownBatch extends BatchRecord {
  readonly store: BatchStore;
  readonly prefix: string;
  readonly manifest: Manifest;
}

/** @throws Failure `NO_BATCH` (2). */
export async function findBatch(context: ReleaseContext, name: string): Promise<KnownBatch> {
  const { deployment } = context;
  const bucket = bucketName(deployment, 'ledger');
  const found = await context.storage.read(bucket, recordObject(deployment, name));
  if (found === undefined) {
    throw new Failure({
      code: 'NO_BATCH',
      message: 'There is no batch of this name.',
      where: `gs://${bucket}/${recordObject(deployment, name)}`,
      got: name,
      remedy: `see which there are: gcloud storage ls gs://${bucket}/${deployment.name}/batches/`,
      exitCode: 2,
    });
  }
  const record = recordSchema.parse(JSON.parse(found.content.toString('utf8')));
  const place = placeOf(record.out, 'out');
  const store = storeOf(context, place.bucket);
  return { ...record, store, prefix: place.prefix, manifest: await readManifest(store, place.prefix) };
}
