import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

export interface ImageRegistryProps {
  /** `loan-repo`; part of every image's name. */
  readonly repository: string;
  /** Region of the images; the service's own, so that a cold start pulls them from next door. */
  readonly region: string;
  /** What must exist first, for example the Artifact Registry API. Default: nothing. */
  readonly dependsOn?: ITerraformDependable[];
}

/** The Docker repository that holds every image a release or a rollback can name. Address: `…repository.ID`. */
export class ImageRegistry extends Construct {
  constructor(scope: Construct, id: string, props: ImageRegistryProps) {
    super(scope, id);
    new ArtifactRegistryRepository(this, 'Default', {
      repositoryId: props.repository,
      location: props.region,
      format: 'DOCKER',
      description: 'Images of the OCR service',
      dependsOn: props.dependsOn,
      // Every revision starts from its image here: without it no instance starts and no rollback works.
      lifecycle: { preventDestroy: true },
    });
  }
}
