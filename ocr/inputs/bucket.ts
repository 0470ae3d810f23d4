import picomatch from 'picomatch';
import { documentFailure } from '../documentFailure';
import { DEFAULT_LIMITS } from '../limits';
import { type Input, inputsOfZip } from './input';

/** An object of Cloud Storage, as it was listed. */
export interface BucketObject {
  readonly name: string;
  readonly bytes: number;
  readonly generation: string;
}

/** Objects of Cloud Storage, as documents need them. */
export interface ObjectStore {
  /** Objects whose names begin so, by name. */
  list(bucket: string, prefix: string): Promise<readonly BucketObject[]>;
  /** Undefined where it is gone. */
  read(bucket: string, object: BucketObject): Promise<Buffer | undefined>;
}

/**
 * The objects that `gs://BUCKET/…` stands for: one object, all below a prefix, or those that a pattern matches. A ZIP stands
 * for the files in it. None where there is no such object.
 */
export async function bucketInputs(address: string, objects: ObjectStore): Promise<Input[]> {
  const { bucket, name } = placeOf(address);
  const { base, isGlob } = picomatch.scan(name);
  const listed = await objects.list(bucket, isGlob ? base : name);
  const exact = isGlob ? undefined : listed.find((object) => object.name === name);
  const isMeant = isGlob
    ? picomatch(name)
    : (other: string) => name === '' || other.startsWith(`${name.replace(/\/$/, '')}/`);
  const found = exact ? [exact] : listed.filter((object) => isMeant(object.name));
  const inputs: Input[] = [];
  for (const object of found.filter((one) => !one.name.endsWith('/'))) {
    const where = `gs://${bucket}/${object.name}`;
    const read = () => readObject(objects, bucket, object, where);
    const inZip = /\.zip$/i.test(object.name) ? inputsOfZip(await read(), where) : undefined;
    inputs.push(...(inZip ?? [{ name: where, source: () => ({ name: where, content: once(read) }) }]));
  }
  return inputs;
}

function placeOf(address: string): { bucket: string; name: string } {
  const [bucket = '', ...path] = address.slice('gs://'.length).split('/');
  return { bucket, name: path.join('/') };
}

async function readObject(
  objects: ObjectStore,
  bucket: string,
  object: BucketObject,
  where: string,
): Promise<Buffer> {
  const { bytes } = object;
  if (bytes > DEFAULT_LIMITS.maxFileBytes)
    throw documentFailure('DOCUMENT_TOO_LARGE', 'The object is too large.', where, `${bytes} bytes`);
  const content = await objects.read(bucket, object);
  if (content === undefined) throw documentFailure('DOCUMENT_NOT_FETCHED', 'The object is gone.', where);
  return content;
}

async function* once(read: () => Promise<Buffer>) {
  yield await read();
}
