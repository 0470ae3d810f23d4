import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { App } from 'cdktf';
import { loadDeployment } from '../../deployments/load';
import type { Deployment } from '../../domain/deployment';
import { stackName } from '../../domain/names';
import { DEPLOYMENT, openStage, type Stage } from '../../rehearsal/stage';
import type { ReleaseContext } from '../../release/ports/context';
import { deploymentStacks } from '../../stacks/deploymentStacks';
import { TERRAFORM } from '../fixtures/realTerraform';

export interface Project {
  readonly stage: Stage;
  readonly deployment: Deployment;
  /** A person's context; synth runs in this process, because it is of a deployment that is in no file. */
  person(): ReleaseContext;
  stop(): Promise<void>;
}

/** An empty project on a local cloud, its states in its own bucket, set up with the real Terraform. */
export async function openProject(change: Partial<Deployment> = {}): Promise<Project> {
  const rehearsal = loadDeployment(DEPLOYMENT);
  const deployment: Deployment = {
    ...rehearsal,
    state: { backend: 'gcs' },
    access: { invokers: ['serviceAccount:backend@local-rehearsal.iam.gserviceaccount.com'] },
    probe: {
      type: 'tcp',
      initialDelaySeconds: 0,
      periodSeconds: 20,
      timeoutSeconds: 20,
      failureThreshold: 1,
    },
    ...change,
  };
  const stage = await openStage({
    progress: () => undefined,
    deployment,
    terraform: TERRAFORM,
    cloud: {
      imageEntrypoint: [process.execPath, join(__dirname, '../release/engine/fixtures/container.cjs')],
    },
  });
  const outdir = join(stage.directory, 'stacks');
  return {
    stage,
    deployment,
    person: () => ({
      ...stage.context('person'),
      workspace: {
        stack: (kind) => join(outdir, 'stacks', stackName(deployment, kind)),
        file: (file) => join(outdir, file),
        async synth(identity) {
          mkdirSync(outdir, { recursive: true });
          const app = new App({ outdir, stackTraces: false });
          deploymentStacks(app, deployment, identity);
          app.synth();
        },
      },
    }),
    async stop() {
      await stage.stop();
      await rm(stage.directory, { recursive: true, force: true });
    },
  };
}
