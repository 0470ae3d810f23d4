import type { Construct } from 'constructs';
import type { Deployment } from '../domain/deployment';
import { stackKinds, type StackKind } from '../domain/names';
import type { ReleaseIdentity } from '../domain/template';
import { AccessStack } from './accessStack';
import { FoundationStack } from './foundationStack';
import { ObservabilityStack } from './observabilityStack';
import { OcrServiceStack } from './ocrServiceStack';

/** The stacks of a deployment, in the order in which they are first applied. They share names, never references. */
export function deploymentStacks(scope: Construct, deployment: Deployment, release: ReleaseIdentity): void {
  for (const kind of stackKinds(deployment)) addStack(kind, scope, deployment, release);
}

function addStack(kind: StackKind, scope: Construct, deployment: Deployment, release: ReleaseIdentity): void {
  switch (kind) {
    case 'foundation':
      new FoundationStack(scope, deployment);
      return;
    case 'service':
      new OcrServiceStack(scope, deployment, release);
      return;
    case 'access':
      new AccessStack(scope, deployment);
      return;
    case 'observability':
      new ObservabilityStack(scope, deployment);
      return;
    // The next two are loaded by those alone that ask for them: the Docker bindings cost every other synth a fifth of its time.
    case 'batch': {
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const { BatchStack } = require('./batchStack') as typeof import('./batchStack');
      new BatchStack(scope, deployment);
      return;
    }
    case 'workstation': {
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const { WorkstationStack } = require('./workstationStack') as typeof import('./workstationStack');
      new WorkstationStack(scope, deployment, release);
    }
  }
}
