import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { PROJECT_ROLES, type ProjectRole, projectRoleId } from '../domain/identity/permissions';

export interface ProjectRolesProps {
  readonly roles: readonly ProjectRole[];
  /** What must exist first, for example the IAM API. Default: nothing. */
  readonly dependsOn?: ITerraformDependable[];
}

/** The project's own roles. Addresses: `google_project_iam_custom_role.ID_ROLE`. */
export class ProjectRoles extends Construct {
  private readonly names = new Map<ProjectRole, string>();

  constructor(scope: Construct, id: string, props: ProjectRolesProps) {
    super(scope, id);
    for (const role of props.roles) {
      const { does, permissions } = PROJECT_ROLES[role];
      const resource = new ProjectIamCustomRole(this, role, {
        roleId: projectRoleId(role),
        title: `LightOnOCR: ${role}`,
        description: does,
        permissions: [...permissions],
        dependsOn: props.dependsOn,
      });
      resource.overrideLogicalId(`${id}_${role}`);
      this.names.set(role, resource.name);
    }
  }

  /** `projects/PROJECT/roles/ID`, a reference. */
  nameOf(role: ProjectRole): string {
    const name = this.names.get(role);
    if (name === undefined) throw new Error(`${this.node.path} has no role ${role}`);
    return name;
  }
}
