import { CloudRunV2ServiceIamMember } from '@cdktf/provider-google/lib/cloud-run-v2-service-iam-member';
import { Construct } from 'constructs';
import { Failure } from '../domain/failure';

export interface InvokersProps {
  /** Name of the Cloud Run service; a name and not a reference, because the service is in another stack. */
  readonly service: string;
  readonly region: string;
  /** IAM members, `serviceAccount:backend@PROJECT.iam.gserviceaccount.com`. */
  readonly members: readonly string[];
}

/** IAM's two names for everybody. */
const PUBLIC_MEMBERS = ['allUsers', 'allAuthenticatedUsers'];

/**
 * Who may call the service: one grant a member, and nobody else's grants are touched.
 * @throws Failure `INVOKER_PUBLIC` for a member that means everybody: IAM is the service's only door.
 */
export class Invokers extends Construct {
  constructor(scope: Construct, id: string, props: InvokersProps) {
    super(scope, id);
    const everybody = props.members.filter((member) => PUBLIC_MEMBERS.includes(member));
    if (everybody.length > 0) {
      throw new Failure({
        code: 'INVOKER_PUBLIC',
        message: `${props.service} would be open to everybody`,
        where: this.node.path,
        got: everybody.join(', '),
        remedy: 'name the callers under access.invokers: serviceAccount:…, group:… or user:…',
        exitCode: 2,
      });
    }
    for (const member of props.members) {
      new CloudRunV2ServiceIamMember(this, member, {
        name: props.service,
        location: props.region,
        role: 'roles/run.invoker',
        member,
      });
    }
  }
}
