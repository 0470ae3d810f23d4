import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

export interface ImageRegistryProps {
  /** `loan-repo`; part of every image's name. */
  readonly repository: string;
  /** Region of the images; the service's own, so that a cold start pulls them from next door. */
  readonly region: string;
  /** The newest versions of every package that no policy may delete, tagged or not: at least as many as a rollback may name. */
  readonly keepVersions: number;
  /** What must exist first, for example the Artifact Registry API. Default: nothing. */
  readonly dependsOn?: ITerraformDependable[];
}

/** Untagged versions are what builds and moved cache tags leave behind; a month is enough to look into one. */
const UNTAGGED_DAYS = 30;

/**
 * The Docker repository that holds every image a release or a rollback can name. Address: `…repository.ID`.
 * Cleanup policies know tags and ages, not revisions, and a `KEEP` wins over every `DELETE`. So only what has no tag is
 * deleted: an image that was released has its commit's tag and `content-…`, or, where another build took these, a `kept-…`
 * that the engine gave it before. Limits: `docs/images.md`.
 */
export class ImageRegistry extends Construct {
  /** Id, and region, as references: what uses them is made after the repository. */
  readonly repositoryId: string;
  readonly location: string;

  constructor(scope: Construct, id: string, props: ImageRegistryProps) {
    super(scope, id);
    const repository = new ArtifactRegistryRepository(this, 'Default', {
      repositoryId: props.repository,
      location: props.region,
      format: 'DOCKER',
      description: 'Images of the OCR service',
      vulnerabilityScanningConfig: { enablementConfig: 'INHERITED' },
      cleanupPolicies: [
        {
          id: 'delete-untagged',
          action: 'DELETE',
          condition: { tagState: 'UNTAGGED', olderThan: `${UNTAGGED_DAYS * 86_400}s` },
        },
        { id: 'keep-tagged', action: 'KEEP', condition: { tagState: 'TAGGED' } },
        { id: 'keep-newest', action: 'KEEP', mostRecentVersions: { keepCount: props.keepVersions } },
      ],
      dependsOn: props.dependsOn,
      // Every revision starts from its image here: without it no instance starts and no rollback works.
      lifecycle: { preventDestroy: true },
    });
    this.repositoryId = repository.repositoryId;
    this.location = repository.location;
  }
}
