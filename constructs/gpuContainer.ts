import { Container } from '@cdktf/provider-docker/lib/container';
import { Image } from '@cdktf/provider-docker/lib/image';
import { RegistryImage } from '@cdktf/provider-docker/lib/registry-image';
import { Construct } from 'constructs';
import { expression } from './literalStack';

export interface GpuContainerProps {
  /** Of the container. */
  readonly name: string;
  /** With its tag; built here, pushed under this name. */
  readonly image: string;
  /** Folder of the Dockerfile, as Terraform sees it: absolute, or from the stack's folder. */
  readonly context: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** That the program listens on. */
  readonly port: number;
  /** On this machine alone: nothing asks there who calls. */
  readonly hostPort: number;
}

/**
 * An image built on this machine, pushed, and run on all of its GPUs. Needs Docker with BuildKit, the NVIDIA container
 * toolkit, and a login to the registry (`gcloud auth configure-docker`). Addresses: `docker_image.ID`, `docker_registry_image.ID`,
 * `docker_container.ID`.
 */
export class GpuContainer extends Construct {
  constructor(scope: Construct, id: string, props: GpuContainerProps) {
    super(scope, id);
    const image = new Image(this, 'image', {
      name: props.image,
      platform: 'linux/amd64',
      keepLocally: true,
      buildAttribute: {
        context: props.context,
        platform: 'linux/amd64',
        // Docker's own builder by name: without one the provider takes the legacy builder, which keeps no cache of layers apart.
        builder: 'default',
        buildArgs: { ...props.buildArguments },
      },
      // A file of the folder that changes builds again; a name alone would not.
      triggers: {
        content: expression(
          `sha256(join("", [for file in fileset("${props.context}", "**") : filesha256("${props.context}/\${file}")]))`,
        ),
      },
    });
    // Before anything refers to it: a reference fixes the address.
    image.overrideLogicalId(id);
    const pushed = new RegistryImage(this, 'pushed', {
      name: image.name,
      keepRemotely: true,
      triggers: { image: image.imageId },
    });
    pushed.overrideLogicalId(id);
    const container = new Container(this, 'container', {
      name: props.name,
      image: image.imageId,
      gpus: 'all',
      command: [...props.args],
      env: Object.entries(props.env).map(([name, value]) => `${name}=${value}`),
      ports: [{ internal: props.port, external: props.hostPort, ip: '127.0.0.1' }],
    });
    container.overrideLogicalId(id);
  }
}
