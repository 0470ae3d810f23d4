import { posix } from 'node:path';
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { LocalBackend } from 'cdktf';
import type { Construct } from 'constructs';
import { GpuContainer } from '../constructs/gpuContainer';
import { expression, LiteralStack } from '../constructs/literalStack';
import { buildArguments } from '../domain/image/buildArguments';
import type { Deployment } from '../domain/deployment';
import { imageName, stackName } from '../domain/names';
import { revisionTemplate, type ReleaseIdentity } from '../domain/template';

/** The project's folder, from `cdktf.out/stacks/NAME`: Terraform reads it where the stack lies, on any machine. */
const ROOT = '../../..';
/** Never the commit's: `build` would take an image from somebody's machine for the one that Cloud Build made. */
const TAG = 'workstation';
const HOST_PORT = 8000;
/** The provider that @cdktf/provider-docker 12.0.3 was generated from. */
const DOCKER_PROVIDER_VERSION = '3.6.2';

/**
 * The guide's second option: the image is built here, pushed, and run on this machine's own GPU with the args and the
 * environment of the service. Its state is a file beside the project, since it tells of this machine and of no other.
 */
export class WorkstationStack extends LiteralStack {
  constructor(scope: Construct, deployment: Deployment, release: ReleaseIdentity) {
    const name = stackName(deployment, 'workstation');
    super(scope, name);
    new LocalBackend(this, { path: posix.join(ROOT, '.lightonocr', `${name}.tfstate`) });
    new DockerProvider(this, 'docker', {
      // The login of `gcloud auth configure-docker`, in Docker's own file; the stack holds no password.
      registryAuth: [
        {
          address: `${deployment.region}-docker.pkg.dev`,
          configFile: expression('pathexpand("~/.docker/config.json")'),
        },
      ],
    });
    this.addOverride('terraform.required_providers.docker.version', DOCKER_PROVIDER_VERSION);
    const { args, env, port } = revisionTemplate(deployment, release.digest);
    new GpuContainer(this, 'ocr', {
      name: deployment.service,
      image: `${imageName(deployment)}:${TAG}`,
      context: `${expression('path.module')}/${ROOT}/gpu-container`,
      buildArguments: buildArguments(deployment),
      args,
      env,
      port,
      hostPort: HOST_PORT,
    });
  }
}
