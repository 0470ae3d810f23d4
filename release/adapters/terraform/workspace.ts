import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../../../domain/failure';
import { type StackKind, stackName } from '../../../domain/names';
import type { Deployment } from '../../../domain/deployment';
import type { ReleaseIdentity } from '../../../domain/template';

const run = promisify(execFile);

/** Where a deployment's stacks are synthesized for Terraform. */
export interface Workspace {
  /** Runs the project's own synth for this deployment, with the image, name and SHA that the engine chose. */
  synth(identity: ReleaseIdentity): Promise<void>;
  /** Folder of a stack's `cdk.tf.json`. */
  stack(kind: StackKind): string;
  /** A file beside the stacks. */
  file(name: string): string;
}

/** @param root the project's folder. @param directory where to write; one deployment's alone. */
export function workspace(root: string, directory: string, deployment: Deployment): Workspace {
  return {
    stack: (kind) => join(directory, 'stacks', stackName(deployment, kind)),
    file: (name) => join(directory, name),
    async synth({ sha, digest, revision }) {
      const env = {
        ...process.env,
        LIGHTONOCR_OUT: directory,
        LIGHTONOCR_DEPLOYMENT: deployment.name,
        LIGHTONOCR_SHA: sha,
        LIGHTONOCR_DIGEST: digest,
        LIGHTONOCR_REVISION: revision,
      };
      await mkdir(directory, { recursive: true, mode: 0o700 }); // plan files hold secrets
      try {
        await run(process.execPath, [join(root, 'bin/start.js'), 'main'], {
          cwd: root,
          env,
        });
      } catch (error) {
        throw new Failure(
          {
            code: 'SYNTH_FAILED',
            message: `Synth failed:\n${(error as { stderr?: string }).stderr?.trim() ?? String(error)}`,
            where: `deployments/${deployment.name}.yaml`,
            remedy: 'mend what it says, then see it pass: npm run synth',
            exitCode: 2,
          },
          { cause: error },
        );
      }
    },
  };
}
