import { ProjectService } from '@cdktf/provider-google/lib/project-service';
import { Construct } from 'constructs';

export interface ProjectApisProps {
  /** Short names: `run` stands for `run.googleapis.com`. */
  readonly apis: readonly string[];
}

/** The Google APIs that a project needs. Addresses: `google_project_service.ID_API`. */
export class ProjectApis extends Construct {
  /** For the `dependsOn` of what cannot be created before its API is on. */
  readonly services: ProjectService[];

  constructor(scope: Construct, id: string, props: ProjectApisProps) {
    super(scope, id);
    this.services = props.apis.map((api) => {
      const service = new ProjectService(this, api, {
        service: `${api}.googleapis.com`,
        // Other things in the project may use the API: taking this stack away must not switch it off under them.
        disableOnDestroy: false,
      });
      service.overrideLogicalId(`${id}_${api}`);
      return service;
    });
  }
}
