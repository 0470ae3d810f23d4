import {
  CloudRunV2Service,
  type CloudRunV2ServiceTemplate,
  type CloudRunV2ServiceTemplateContainersStartupProbe,
} from '@cdktf/provider-google/lib/cloud-run-v2-service';
import { Construct } from 'constructs';
import {
  EXECUTION_ENVIRONMENT,
  GPUS,
  INGRESS,
  SHA_LABEL,
  TEMPLATE_LABEL,
  templateHash,
  type ReleaseIdentity,
  type RevisionTemplate,
} from '../domain/template';
import { refuseInvalidService } from './gpuServiceChecks';

export interface GpuCloudRunServiceProps {
  /** Name of the service in Cloud Run. */
  readonly name: string;
  readonly region: string;
  /** What a revision is. */
  readonly template: RevisionTemplate;
  /** Which release this revision belongs to, and its name. */
  readonly release: ReleaseIdentity;
  /** Terraform refuses to destroy or replace the service while true. Default true. */
  readonly deletionProtection?: boolean;
}

/**
 * What Terraform leaves alone after the create. `traffic`: the release engine owns it. `scaling` (the service's, not the
 * template's), `client`, `client_version`: the API and gcloud write them, and a plan would undo it on every run.
 */
const IGNORED = ['traffic', 'scaling', 'client', 'client_version'];

/**
 * A Cloud Run service on one GPU per instance, private, with a named revision and no word about traffic.
 * Address: `google_cloud_run_v2_service.ID`.
 * @throws Failure `INVALID_SERVICE` before anything is built: `refuseInvalidService`.
 */
export class GpuCloudRunService extends Construct {
  /** The service's base URL; also the audience of its identity tokens. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: GpuCloudRunServiceProps) {
    super(scope, id);
    refuseInvalidService(this.node.path, props);
    const service = new CloudRunV2Service(this, 'Default', {
      name: props.name,
      location: props.region,
      ingress: INGRESS,
      deletionProtection: props.deletionProtection ?? true,
      template: templateBlock(props.template, props.release),
      lifecycle: { ignoreChanges: IGNORED },
    });
    this.url = service.uri;
  }
}

/** `scaling`, `resources` and `startup_probe` are always written: leaving one out later would not reset it. */
function templateBlock(template: RevisionTemplate, release: ReleaseIdentity): CloudRunV2ServiceTemplate {
  return {
    revision: release.revision,
    labels: { [SHA_LABEL]: release.sha, [TEMPLATE_LABEL]: templateHash(template) },
    executionEnvironment: EXECUTION_ENVIRONMENT,
    serviceAccount: template.serviceAccount,
    timeout: `${template.requestTimeoutSeconds}s`,
    maxInstanceRequestConcurrency: template.concurrency,
    gpuZonalRedundancyDisabled: template.gpuZonalRedundancyDisabled,
    nodeSelector: { accelerator: template.gpu },
    scaling: { minInstanceCount: template.minInstances, maxInstanceCount: template.maxInstances },
    containers: [
      {
        image: template.image,
        args: [...template.args],
        env: [
          ...Object.entries(template.env).map(([name, value]) => ({ name, value })),
          ...Object.entries(template.secrets).map(([name, secretKeyRef]) => ({
            name,
            valueSource: { secretKeyRef },
          })),
        ],
        ports: { containerPort: template.port },
        resources: {
          limits: {
            cpu: String(template.cpu),
            memory: `${template.memoryGib}Gi`,
            'nvidia.com/gpu': String(GPUS),
          },
          // GPU instances need their CPU between requests too; the API refuses anything else.
          cpuIdle: false,
        },
        startupProbe: startupProbeBlock(template),
      },
    ],
  };
}

function startupProbeBlock({
  startupProbe,
  port,
}: RevisionTemplate): CloudRunV2ServiceTemplateContainersStartupProbe {
  const { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold } = startupProbe;
  return {
    initialDelaySeconds,
    periodSeconds,
    timeoutSeconds,
    failureThreshold,
    ...(startupProbe.type === 'tcp'
      ? { tcpSocket: { port } }
      : { httpGet: { path: startupProbe.path, port } }),
  };
}
