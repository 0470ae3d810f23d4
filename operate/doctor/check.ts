import type { Caller } from '../../domain/identity/callerNeeds';
import type { Finding, FindingState } from '../../domain/finding';
import { Failure, messageOf } from '../../domain/failure';
import type { ReleaseContext } from '../../release/ports/context';
import { ApiError, isApiOff } from '../../release/adapters/google/googleApi';
import type { Look } from './look';

/** What every check gets. */
export interface Patient {
  /** Its calls are broken off at the time limit. */
  readonly context: ReleaseContext;
  /** What several checks read, read once. */
  readonly look: Look;
  /** Full SHA of the commit whose image is looked for; without it the image that serves. */
  readonly sha?: string;
  /** As whom the caller is tested. */
  readonly as: Caller;
}

/** One group of things that are looked at; it may throw, and then says so as its finding. */
export interface Check {
  readonly id: string;
  /** What it looks at, for the help: a few words. */
  readonly about: string;
  run(patient: Patient): Promise<readonly Seen[]>;
}

export type Seen = Omit<Finding, 'check'>;

export const ok = (subject: string, saw: string): Seen => ({ subject, state: 'ok', saw });
export const seen = (
  state: Exclude<FindingState, 'ok'>,
  subject: string,
  saw: string,
  mend: string,
): Seen => ({
  subject,
  state,
  saw,
  mend,
});

/** Looks at one thing; what goes wrong on the way is its finding, and takes nothing else along. */
export async function lookAt(
  patient: Patient,
  subject: string,
  look: () => Promise<Seen | readonly Seen[]>,
): Promise<readonly Seen[]> {
  try {
    return [await look()].flat();
  } catch (error) {
    return [await cannotTell(patient, subject, error)];
  }
}

/**
 * Why something could not be looked at, and what makes it possible. An API that is off in a project without a service is no
 * riddle: it is a step that has not been done.
 */
export async function cannotTell(patient: Patient, subject: string, error: unknown): Promise<Seen> {
  const { project } = patient.context.deployment;
  if (error instanceof ApiError && isApiOff(error)) {
    const api = error.info?.metadata.service ?? 'its API';
    const saw = `not looked at: ${api} is off`;
    if ((await patient.look.situation()) === 'empty')
      return seen('not yet', subject, saw, await patient.look.mend('apis'));
    return seen('cannot tell', subject, saw, `gcloud services enable ${api} --project ${project}`);
  }
  if (error instanceof ApiError && error.status === 403) {
    const permission =
      error.info?.metadata.permission ?? /Permission '([\w.]+)' denied/.exec(error.message)?.[1];
    const saw = permission ? `not looked at: you have no ${permission}` : `not looked at: ${error.message}`;
    return seen('cannot tell', subject, saw, mayLook(patient));
  }
  if (error instanceof Failure)
    return seen('cannot tell', subject, `not looked at: ${error.code}, ${error.message}`, error.remedy);
  return seen(
    'cannot tell',
    subject,
    `not looked at: ${messageOf(error)}`,
    'this check has a defect: please report it',
  );
}

/** A person looks as an owner; an account gets what `domain/identity/identities.ts` says, and no more. */
const mayLook = ({ as, context: { deployment } }: Patient): string =>
  as === 'person'
    ? `as an owner: gcloud projects add-iam-policy-binding ${deployment.project} --member="user:$(gcloud config get-value account)" --role=roles/owner`
    : `${as} may not look at this; ask as a person, or leave it out with --only`;
