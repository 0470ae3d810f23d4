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

/** An account that a service runs as. It is granted nothing here: what it may do is granted where the thing lives. */
export class ServiceIdentity extends Construct {
  constructor(scope: Construct, id: string, props: ServiceIdentityProps) {
    super(scope, id);
    new ServiceAccount(this, 'Default', { ...props });
  }
}
