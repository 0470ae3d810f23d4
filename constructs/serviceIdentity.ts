import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

export interface ServiceIdentityProps {
  /** The part of the e-mail before the `@`; 6 to 30 characters. */
  readonly accountId: string;
  readonly displayName: string;
  /** What must exist first, for example the IAM API. Default: nothing. */
  readonly dependsOn?: ITerraformDependable[];
}

/** An account without keys. It is granted nothing here: what it may do is granted where the thing lives. */
export class ServiceIdentity extends Construct {
  /** `serviceAccount:E-MAIL`, as IAM names it; a reference. */
  readonly member: string;
  /** `projects/…/serviceAccounts/E-MAIL`, what a grant on the account itself names; a reference. */
  readonly resourceName: string;

  constructor(scope: Construct, id: string, props: ServiceIdentityProps) {
    super(scope, id);
    const account = new ServiceAccount(this, 'Default', { ...props });
    this.member = account.member;
    this.resourceName = account.name;
  }
}
