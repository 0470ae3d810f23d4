import type { Deployment } from '../deployment';
import { Failure } from '../failure';

/** A revision that was asked for and is not there: the same mistake, whichever command it is made to. Exit code 2. */
export function unknownRevision(
  { name, service, project, region }: Pick<Deployment, 'name' | 'service' | 'project' | 'region'>,
  got: string,
): Failure {
  return new Failure({
    code: 'UNKNOWN_REVISION',
    message: `${service} has no such revision; nothing was changed.`,
    where: `${service} in ${project}, ${region}`,
    got,
    remedy: `see which there are: bin/lightonocr revisions ${name}`,
    exitCode: 2,
  });
}
