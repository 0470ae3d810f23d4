import type { Deployment } from '../deployment';
import { revisionName } from '../names';
import { revisionTemplate, templateHash, type ReleaseIdentity } from '../template';

/** The project that shipped deployments name until somebody writes their own; as an id it is taken, and not by us. */
export const PLACEHOLDER_PROJECT = 'my-project';

const PLACEHOLDER_SHA = '0'.repeat(40);
/** Digest of no image. */
export const PLACEHOLDER_DIGEST = `sha256:${'0'.repeat(64)}`;

/** Stands in for a release in a synth that has none (a pull request, a first look): readable, never deployable. */
export function placeholderIdentity(deployment: Deployment): ReleaseIdentity {
  const hash = templateHash(revisionTemplate(deployment, PLACEHOLDER_DIGEST));
  return {
    sha: PLACEHOLDER_SHA,
    digest: PLACEHOLDER_DIGEST,
    revision: revisionName(deployment.service, PLACEHOLDER_SHA, hash),
  };
}
