import type { Caller } from '../../domain/identity/callerNeeds';
import { type CheckId, CHECKS, type Finding } from '../../domain/finding';
import type { ReleaseContext } from '../../release/ports/context';
import type { CallApi } from '../../release/adapters/google/googleApi';
import { googlePorts } from '../../release/open';
import { alerts } from './alerts';
import { buckets } from './buckets';
import { caller } from './caller';
import { quota, region } from './capacity';
import { cannotTell, type Check, type Patient, seen } from './check';
import { federation } from './federation';
import { gate, type GithubAccess } from './gate';
import { identities } from './identities';
import { images } from './images';
import { look } from './look';
import { apis, project } from './project';
import { service } from './service';
import { traffic } from './traffic';

export interface DoctorOptions {
  /** Full SHA of a commit whose image is looked for; default: the image that serves. */
  readonly sha?: string;
  /** As whom the caller's permissions are tested; default `person`. */
  readonly as?: Caller;
  /** Ids of the checks to make; default all. */
  readonly only?: readonly CheckId[];
  /** Without it nothing of GitHub is looked at. */
  readonly github?: GithubAccess;
  /** Of each check, all of which start together. Default 60: a read is tried four times. */
  readonly limitSeconds?: number;
}

/** Every check. */
const checks = (github?: GithubAccess): Readonly<Record<CheckId, Check>> => ({
  project,
  apis,
  caller,
  region,
  quota,
  buckets,
  images,
  identities,
  federation,
  service,
  traffic,
  alerts,
  gate: gate(github),
});

const LIMIT_SECONDS = 60;

/**
 * Looks at everything that a deployment stands on; changes nothing. The checks run side by side. One that throws, is refused
 * or gets no answer in time is a finding, `cannot tell`, and takes no other along.
 */
export async function doctor(context: ReleaseContext, options: DoctorOptions = {}): Promise<Finding[]> {
  const { only = CHECKS } = options;
  const all = checks(options.github);
  return examine(
    context,
    CHECKS.filter((id) => only.includes(id)).map((id) => all[id]),
    options,
  );
}

/** The same with any checks. */
export async function examine(
  context: ReleaseContext,
  wanted: readonly Check[],
  { sha, as = 'person', limitSeconds = LIMIT_SECONDS }: DoctorOptions = {},
): Promise<Finding[]> {
  const over = new AbortController();
  const limited = within(context, AbortSignal.any([over.signal, context.signal]));
  const patient: Patient = { context: limited, look: look(limited), as, ...(sha !== undefined && { sha }) };
  const done = new AbortController();
  const late = context.clock.sleep(limitSeconds, done.signal).then(
    () => 'late' as const,
    () => 'over' as const,
  );
  const findings = wanted.map(async (check): Promise<Finding[]> => {
    const work = (async () => check.run(patient))().catch(async (error: unknown) => [
      await cannotTell(patient, check.id, error),
    ]);
    const found = await Promise.race([work, late]);
    if (typeof found !== 'string') return found.map((each) => ({ check: check.id, ...each }));
    const again = `bin/lightonocr doctor ${context.deployment.name} --only ${check.id}`;
    return [
      {
        check: check.id,
        ...seen('cannot tell', check.id, `not looked at: no answer in ${limitSeconds} s`, again),
      },
    ];
  });
  try {
    return (await Promise.all(findings)).flat();
  } finally {
    done.abort();
    over.abort();
  }
}

/** The same context, its calls broken off by the signal: a command that has printed its answer ends. */
function within(context: ReleaseContext, signal: AbortSignal): ReleaseContext {
  const call: CallApi = (api, request) => context.call(api, { signal, ...request });
  return { ...context, ...googlePorts(call, context.deployment, context.clock) };
}
