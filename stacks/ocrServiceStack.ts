import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { GpuCloudRunService } from '../constructs/gpuCloudRunService';
import type { Deployment } from '../domain/deployment';
import { revisionTemplate, type ReleaseIdentity } from '../domain/template';
import { BaseStack } from './baseStack';

/** The service: the only stack that the deploy workflow applies. */
export class OcrServiceStack extends BaseStack {
  constructor(scope: Construct, deployment: Deployment, release: ReleaseIdentity) {
    super(scope, 'service', deployment);
    const { url } = new GpuCloudRunService(this, 'ocr', {
      name: deployment.service,
      region: deployment.region,
      template: revisionTemplate(deployment, release.digest),
      release,
    });
    const outputs = { url, audience: url, service: deployment.service, revision: release.revision };
    for (const [name, value] of Object.entries(outputs)) new TerraformOutput(this, name, { value });
  }
}
