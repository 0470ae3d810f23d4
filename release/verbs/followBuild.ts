import { buildFailure, logTail, submitFailure, typicalSeconds } from '../../domain/image/buildOutcome';
import { Failure, messageOf } from '../../domain/failure';
import type { Build, CloudBuild } from '../adapters/google/cloudBuild';
import { again } from '../adapters/again';
import type { ReleaseContext } from '../ports/context';
import { ApiError } from '../adapters/google/googleApi';

/** Pauses between two looks at a build of 30 to 60 minutes grow to this. Each look uses a fresh token, so none can run out. */
const MAX_POLL_SECONDS = 15;
/** On every image build: by it earlier ones are found, whatever commit they were of. */
export const IMAGE_BUILD_TAG = 'lightonocr-image';

/**
 * Sends a build in.
 * @param begun the build that a submission which was not answered has begun.
 * @throws Failure `BUILD_QUOTA` or `BUILD_NOT_PERMITTED`, exit code 3, where Cloud Build does not take it.
 */
export async function submitBuild(
  context: ReleaseContext,
  builds: CloudBuild,
  body: object,
  begun: () => Promise<Build | undefined>,
): Promise<Build> {
  try {
    return await again(
      context,
      async (isFirst) => (isFirst ? undefined : await begun()) ?? (await builds.submit(body)),
    );
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
  let current = first;
  let said: string | undefined;
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
          throw new Failure(buildFailure(current, (await tailOf(context, current)) ?? [noLog(current)]));
        case 'STATUS_UNKNOWN':
        case 'PENDING':
        case 'QUEUED':
        case 'WORKING': {
          progress(`build ${current.id}: ${current.status}, ${elapsed(current, clock.now())}, ${expected}`);
          const line = (await tailOf(context, current))?.at(-1);
          if (line !== undefined && line !== said) progress(`  ${(said = line)}`);
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

/** How long it is at work, as the earlier builds' times are counted; the wait for a machine is told apart. */
function elapsed({ startTime, createTime }: Build, now: Date): string {
  const since = (time: string) => minutes((now.getTime() - Date.parse(time)) / 1000);
  if (startTime !== undefined) return since(startTime);
  return createTime === undefined ? 'waits for a machine' : `waits for a machine since ${since(createTime)}`;
}

/**
 * Last lines of the log, which grows while the build is at work; undefined where there is none yet. One that cannot be read
 * is no reason to say less of the build.
 */
async function tailOf({ storage }: ReleaseContext, build: Build): Promise<string[] | undefined> {
  const place = buildLogPlace(build);
  if (place === undefined) return [];
  try {
    const found = await storage.read(place.bucket, place.name);
    return found && logTail(found.content.toString('utf8'), build);
  } catch (error) {
    return [`(its log could not be read: ${messageOf(error)})`];
  }
}

function noLog(build: Build): string {
  const { bucket, name } = buildLogPlace(build)!;
  return `(no log at gs://${bucket}/${name})`;
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
