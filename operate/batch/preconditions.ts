import { z } from 'zod';
import { type BatchPlaces, MANIFEST, type Place, placeUrl } from '../../domain/batch/places';
import { Failure } from '../../domain/failure';
import { bucketPermissions } from '../../release/adapters/google/objects';
import type { ReleaseContext } from '../../release/ports/context';

/** What a batch needs on its buckets: of the input to list and read, of the output to write, and to find its own again. */
const NEEDED = {
  input: ['storage.objects.list', 'storage.objects.get'],
  out: ['storage.objects.list', 'storage.objects.get', 'storage.objects.create'],
} as const;
/** The smallest of Google's roles that hold them. */
const ROLES = { input: 'roles/storage.objectViewer', out: 'roles/storage.objectUser' } as const;

/**
 * What would stop a batch half-way stops it before it begins.
 * @throws Failure `BUCKET_NOT_FOUND`, `BUCKET_NOT_ALLOWED`, `BATCH_OTHER_INPUT` (2).
 */
export async function assertBatchPossible(context: ReleaseContext, places: BatchPlaces): Promise<void> {
  for (const which of ['input', 'out'] as const) await assertAllowed(context, places[which], which);
  const { bucket, prefix } = places.out;
  const found = await context.storage.read(bucket, prefix + MANIFEST);
  if (found !== undefined) assertSameInput(found.content, places);
}

async function assertAllowed({ call }: ReleaseContext, place: Place, which: 'input' | 'out'): Promise<void> {
  const granted = await bucketPermissions(call, place.bucket, NEEDED[which]);
  const where = which === 'input' ? 'the input' : '--out';
  if (granted === undefined) {
    throw new Failure({
      code: 'BUCKET_NOT_FOUND',
      message: 'There is no such bucket.',
      where,
      got: placeUrl(place),
      remedy:
        which === 'input'
          ? 'see which there are: gcloud storage ls'
          : `make it: gcloud storage buckets create gs://${place.bucket} --uniform-bucket-level-access --public-access-prevention`,
      exitCode: 2,
    });
  }
  const missing = NEEDED[which].filter((permission) => !granted.includes(permission));
  if (missing.length === 0) return;
  throw new Failure({
    code: 'BUCKET_NOT_ALLOWED',
    message: `You may not ${which === 'input' ? 'read' : 'write'} there.`,
    where: `${where}, ${placeUrl(place)}`,
    got: `missing: ${missing.join(', ')}`,
    remedy: `have yourself added: gcloud storage buckets add-iam-policy-binding gs://${place.bucket} --member=user:EMAIL --role=${ROLES[which]}`,
    exitCode: 2,
  });
}

/** Only who the output belongs to is read here; the rest of the manifest is the batch's own. */
function assertSameInput(content: Buffer, { input, out }: BatchPlaces): void {
  const owner = inputOf(content);
  if (owner === placeUrl(input)) return;
  throw new Failure({
    code: 'BATCH_OTHER_INPUT',
    message: 'The output holds the results of other documents.',
    where: `--out, ${placeUrl(out)}${MANIFEST}`,
    got: owner === undefined ? 'a manifest that names no input' : `the results of ${owner}`,
    remedy: 'name another folder with --out',
    exitCode: 2,
  });
}

function inputOf(content: Buffer): string | undefined {
  try {
    return z.looseObject({ input: z.string() }).safeParse(JSON.parse(content.toString('utf8'))).data?.input;
  } catch {
    return undefined;
  }
}
