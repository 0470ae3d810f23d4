import { GOOGLE_MAJORS, GOOGLE_PROVIDER_VERSION, lowestVersion, reaches } from '../terraform/googleProvider';
import { type Rule, when } from './rule';

/** A provider that the stacks were run with, named so that a plan says which. */
export const terraformRule: Rule = ({ terraform: { google } }) => {
  const lowest = lowestVersion(google);
  const isOld = lowest !== undefined && !reaches(google, GOOGLE_PROVIDER_VERSION);
  const major = Number(lowest?.split('.')[0]);
  return [
    ...when(lowest === undefined, {
      code: 'GOOGLE_PROVIDER_FORM',
      key: 'terraform.google',
      got: google,
      reason: 'It is one version, or one range that begins with ~>.',
      remedy: `Write "${GOOGLE_PROVIDER_VERSION}", "~> 7.45" or "~> 8.0".`,
    }),
    ...when(isOld, {
      code: 'GOOGLE_PROVIDER_TOO_OLD',
      key: 'terraform.google',
      got: google,
      reason: `It lets in ${lowest}; the stacks are written for ${GOOGLE_PROVIDER_VERSION} and newer.`,
      remedy: `Write "${GOOGLE_PROVIDER_VERSION}" or newer.`,
    }),
    ...when(lowest !== undefined && !isOld && !GOOGLE_MAJORS.some((known) => known === major), {
      code: 'GOOGLE_PROVIDER_NOT_TRIED',
      key: 'terraform.google',
      got: google,
      reason: `The stacks were run with the majors ${GOOGLE_MAJORS.join(', ')}; a newer one may name or read things otherwise.`,
      remedy: 'Read its upgrade guide, and plan before anything is applied.',
      severity: 'warning',
    }),
  ];
};
