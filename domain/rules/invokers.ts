import { ownAccounts } from '../names';
import { isRepeat, type Rule, when } from './rule';

const PUBLIC = ['allUsers', 'allAuthenticatedUsers'];
/** https://cloud.google.com/iam/docs/principal-identifiers */
const MEMBER = /^((user|group|serviceAccount):[^@\s]+@[^@\s]+|domain:[^@\s]+|principal(Set)?:\/\/\S+)$/;

/** Who may call the service: named members only, since IAM is its one door. */
export const invokersRule: Rule = ({ project, access: { invokers } }) =>
  invokers.flatMap((member, index) => [
    ...when(isRepeat(invokers, index), {
      code: 'INVOKER_TWICE',
      key: `access.invokers.${index}`,
      got: member,
      reason: 'It is named above already, and each name is one grant.',
      remedy: 'Take this line out.',
    }),
    ...when(ownAccounts(project).includes(member), {
      code: 'INVOKER_OURS',
      key: `access.invokers.${index}`,
      got: member,
      reason:
        'It is an account of this project: deployer and rollback get this grant by themselves, and the others have no call to make.',
      remedy: 'Take it out, and name the account that your backend runs as.',
    }),
    ...when(PUBLIC.includes(member), {
      code: 'INVOKER_PUBLIC',
      key: `access.invokers.${index}`,
      got: member,
      reason:
        'It opens the service, and the GPU bill, to everyone; --api-key does not cover every path of vLLM.',
      remedy:
        'Name the service account of your backend: serviceAccount:NAME@PROJECT.iam.gserviceaccount.com.',
    }),
    ...when(!PUBLIC.includes(member) && !MEMBER.test(member), {
      code: 'INVOKER_FORM',
      key: `access.invokers.${index}`,
      got: member,
      reason: 'IAM takes user:, group:, serviceAccount:, domain:, principal:// and principalSet://.',
      remedy: 'Write it like serviceAccount:backend@PROJECT.iam.gserviceaccount.com.',
    }),
  ]);
