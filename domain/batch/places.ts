import { Failure } from '../failure';

/** A folder of Cloud Storage: a bucket, and the start of its objects' names, empty or with a slash at its end. */
export interface Place {
  readonly bucket: string;
  readonly prefix: string;
}

/** Where a batch reads and where it writes. */
export interface BatchPlaces {
  readonly input: Place;
  readonly out: Place;
}

/**
 * The object in the output's folder that names the batch's input, as `{"input": "gs://…"}` with whatever else the batch keeps
 * there: it is how a second batch of other documents finds out that the folder is taken.
 */
export const MANIFEST = 'manifest.json';

/** `gs://BUCKET/FOLDER/`. */
export const placeUrl = ({ bucket, prefix }: Place): string => `gs://${bucket}/${prefix}`;

/** Names of buckets: https://cloud.google.com/storage/docs/buckets#naming */
const GS_URL = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:\/(.*))?$/s;

/** A folder by its URL; a slash at its end may be left out. @throws Failure `BAD_INPUT` (2). */
export function placeOf(url: string, option: string): Place {
  const [, bucket, folder = ''] = GS_URL.exec(url) ?? [];
  // `*` and `?` are gcloud's wildcards; in a name they would match nothing, silently.
  if (bucket === undefined || /[*?[\]\r\n]/.test(folder)) {
    throw new Failure({
      code: 'BAD_INPUT',
      message: 'This names no folder of Cloud Storage.',
      where: option,
      got: url,
      remedy: 'write it as gs://BUCKET/FOLDER, without wildcards; what is there: gcloud storage ls',
      exitCode: 2,
    });
  }
  const name = folder.replace(/\/+$/, '');
  return { bucket, prefix: name === '' ? '' : `${name}/` };
}

/**
 * Both folders of a batch. Neither may hold the other: results would be read as documents by the next batch, or be written
 * among them.
 * @throws Failure `BAD_INPUT`, `BATCH_OVERLAP` (2).
 */
export function batchPlaces(input: string, out: string): BatchPlaces {
  const places = { input: placeOf(input, 'the input'), out: placeOf(out, '--out') };
  const isSameBucket = places.input.bucket === places.out.bucket;
  const [from, to] = [places.input.prefix, places.out.prefix];
  if (!isSameBucket || !(from.startsWith(to) || to.startsWith(from))) return places;
  const how =
    from === to
      ? 'Input and output are the same folder.'
      : to.startsWith(from)
        ? 'The output is inside the input: results would be read as documents.'
        : 'The input is inside the output: results could land among the documents.';
  throw new Failure({
    code: 'BATCH_OVERLAP',
    message: how,
    where: '--out',
    got: `${placeUrl(places.input)} and ${placeUrl(places.out)}`,
    remedy: `name a folder beside the input, or another bucket: --out gs://${places.out.bucket}/${suggested(from)}`,
    exitCode: 2,
  });
}

/** `scans/2026/` becomes `scans-text`, which is beside it. */
const suggested = (prefix: string): string => (prefix === '' ? 'FOLDER' : `${prefix.split('/')[0]!}-text`);
