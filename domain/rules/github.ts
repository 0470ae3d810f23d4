import { federatedRepository, identities } from '../identity/identities';
import { type Rule, when } from './rule';

/** The name stands in a condition in quotes, so it may hold nothing that ends them. */
const REPOSITORY = /^[A-Za-z0-9][A-Za-z0-9-]*\/[\w.-]+$/;
/** https://cloud.google.com/iam/docs/workload-identity-federation-with-other-providers#mapping */
const MAX_SUBJECT_LENGTH = 127;

/** The repository that may release: its name and its owner's number, in a form that the federation takes. */
export const githubRule: Rule = (deployment) => {
  const { repository, ownerId, repositoryId } = deployment.github;
  const federated = federatedRepository(deployment);
  const subjects = federated ? identities(deployment).map(({ subject = '' }) => subject) : [];
  const longest = subjects.reduce((one, other) => (other.length > one.length ? other : one), '');
  return [
    ...when((repository === undefined) !== (ownerId === undefined), {
      code: 'GITHUB_HALF',
      key: repository === undefined ? 'github.repository' : 'github.ownerId',
      got: 'nothing',
      reason:
        'Workflows are let in by the name and the number together: a name alone can be given up and taken by somebody else.',
      remedy: 'Write both, or neither: gh api users/OWNER --jq .id prints the number.',
    }),
    ...when(repository === undefined && repositoryId !== undefined, {
      code: 'GITHUB_HALF',
      key: 'github.repository',
      got: 'nothing',
      reason: 'The number of a repository whose name is not said lets nobody in.',
      remedy: 'Write github.repository and github.ownerId beside it, or take it out.',
    }),
    ...when(repository !== undefined && !REPOSITORY.test(repository), {
      code: 'GITHUB_REPOSITORY',
      key: 'github.repository',
      got: repository ?? '',
      reason: 'A repository is OWNER/NAME: letters, digits, dots, dashes and underscores.',
      remedy: 'Write it as in its address, without https://github.com/.',
    }),
    ...when(longest.length > MAX_SUBJECT_LENGTH, {
      code: 'GITHUB_SUBJECT',
      key: 'github.repository',
      got: longest,
      reason: `Google takes a subject of ${MAX_SUBJECT_LENGTH} characters, and this has ${longest.length}: its token would be refused.`,
      remedy: 'Give the deployment or the repository a shorter name.',
    }),
  ];
};
