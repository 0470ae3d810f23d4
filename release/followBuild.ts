import { buildFailure, logTail, submitFailure, typicalSeconds } from '../domain/image/buildOutcome';
import { Failure, messageOf } from '../domain/failure';
import type { Build, CloudBuild } from './google/cloudBuild';
import type { ReleaseContext } from './context';
import { ApiError } from './google/googleApi';

/** Pauses between two looks at a build of 30 to 60 minutes grow to this. Each look uses a fresh token, so none can run out. */
const MAX_POLL_SECONDS = 15;
/** On every image build: by it earlier ones are found, whatever commit they were of. */
export const IMAGE_BUILD_TAG = 'lightonocr-image';

/** Sends a build in. @throws Failure `BUILD_QUOTA` or `BUILD_NOT_PERMITTED`, exit code 3, where Cloud Build does not take it. */
export async function submitBuild(builds: CloudBuild, body: object): Promise<Build> {
  try {
    return await builds.submit(body);
  } catch (error) {
    const details = error instanceof ApiError && submitFailure(error.status, error.reason, error.where);
    throw details ? new Failure(details, { cause: error }) : error;
  }
}

/**
 * Waits for the end of a build, saying how long it runs and how long builds like it take.
 * @param options.cancelOnExit cancels the build when the command is stopped; otherwise it goes on and the next call joins it.
 * @throws Failure `BUILD_…`, exit code 1, with the failing step's last lines.
 */
export async function followBuild(
  context: ReleaseContext,
  builds: CloudBuild,
  first: Build,
  options: { cancelOnExit?: boolean } = {},
): Promise<Build> {
  const { clock, signal, progress } = context;
  const typical = typicalSeconds(await builds.tagged(IMAGE_BUILD_TAG, 'SUCCESS'));
  const expected =
    typical === undefined ? 'no earlier build to compare with' : `typically ${minutes(typical)}`;
  const started = Date.parse(first.startTime ?? first.createTime ?? clock.now().toISOString());
  let current = first;
  try {
    for (let pauseSeconds = 0.5; ; pauseSeconds = Math.min(MAX_POLL_SECONDS, pauseSeconds * 2)) {
      switch (current.status) {
        case 'SUCCESS':
          return current;
        case 'FAILURE':
        case 'INTERNAL_ERROR':
        case 'TIMEOUT':
        case 'CANCELLED':
        case 'EXPIRED':
          throw new Failure(buildFailure(current, await tailOf(context, current)));
        case 'STATUS_UNKNOWN':
        case 'PENDING':
        case 'QUEUED':
        case 'WORKING': {
          const elapsed = (clock.now().getTime() - started) / 1000;
          progress(`build ${current.id}: ${current.status}, ${minutes(elapsed)}, ${expected}`);
          await clock.sleep(pauseSeconds, signal);
          current = await builds.get(current.id);
        }
      }
    }
  } catch (error) {
    if (signal.aborted) await leave(context, builds, current, options.cancelOnExit === true);
    throw error;
  }
}

async function leave(
  { progress }: ReleaseContext,
  builds: CloudBuild,
  { id }: Build,
  cancel: boolean,
): Promise<void> {
  if (!cancel) return progress(`build ${id} goes on; the same command joins it`);
  try {
    await builds.cancel(id);
    progress(`build ${id} is cancelled`);
  } catch (error) {
    progress(`build ${id} could not be cancelled: ${messageOf(error)}`);
  }
}

/** A log that cannot be read is no reason to say less of the failure. */
async function tailOf({ storage }: ReleaseContext, build: Build): Promise<string[]> {
  const place = buildLogPlace(build);
  if (place === undefined) return [];
  try {
    const found = await storage.read(place.bucket, place.name);
    return found
      ? logTail(found.content.toString('utf8'), build)
      : [`(no log at gs://${place.bucket}/${place.name})`];
  } catch (error) {
    return [`(its log could not be read: ${messageOf(error)})`];
  }
}

/** Where a build's log is: in the bucket that it names, `log-ID.txt`; undefined for one that named none. */
export function buildLogPlace({ id, logsBucket }: Build): { bucket: string; name: string } | undefined {
  const [, bucket, folder = ''] = /^(?:gs:\/\/)?([^/]+)(?:\/(.+?))?\/?$/.exec(logsBucket ?? '') ?? [];
  return bucket === undefined
    ? undefined
    : { bucket, name: `${folder === '' ? '' : `${folder}/`}log-${id}.txt` };
}

function minutes(seconds: number): string {
  return `${(Math.max(0, seconds) / 60).toFixed(1)} min`;
}
