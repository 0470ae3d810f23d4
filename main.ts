import { mkdirSync } from 'node:fs';
import { App } from 'cdktf';
import { ownGoldenPages } from './deployments/goldenFolder';
import { deploymentFile, loadDeployment, readRelease, selectedDeploymentNames } from './deployments/load';
import { Failure } from './domain/failure';
import { placeholderIdentity } from './domain/plan/placeholder';
import { formatProblem, refuseErrors } from './domain/problem';
import { systemFailure } from './domain/systemFailure';
import { deploymentProblems } from './domain/rules';
import { deploymentStacks } from './stacks/deploymentStacks';

/**
 * Reads the deployments (LIGHTONOCR_DEPLOYMENT: only that one), makes their stacks, writes them to LIGHTONOCR_OUT, else
 * to cdktf-cli's CDKTF_OUTDIR, else to cdktf.out. Nothing is written when a deployment has an error.
 */
function main(env: NodeJS.ProcessEnv): void {
  const release = readRelease(env);
  if (release && !env.LIGHTONOCR_DEPLOYMENT) {
    throw new Failure({
      code: 'RELEASE_WITHOUT_DEPLOYMENT',
      message: 'A release is of one deployment, and none is named',
      where: 'LIGHTONOCR_REVISION',
      got: release.revision,
      remedy: 'set LIGHTONOCR_DEPLOYMENT to the name of a file in deployments/, without .yaml',
      exitCode: 2,
    });
  }
  const deployments = selectedDeploymentNames(env).map((name) => loadDeployment(name));
  for (const deployment of deployments) {
    const file = deploymentFile(deployment.name);
    const problems = deploymentProblems(deployment);
    refuseErrors(file, problems);
    ownGoldenPages(deployment);
    // `guide` is wrong on purpose, where the guide is: a line says so, unless somebody works on just that one.
    const folded = deployment.profile === 'guide' && deployments.length > 1 && problems.length > 0;
    if (folded)
      process.stderr.write(
        `${file}: ${problems.length} warnings, as the guide has it; LIGHTONOCR_DEPLOYMENT=${deployment.name} shows them\n`,
      );
    else for (const warning of problems) process.stderr.write(`${formatProblem(file, warning)}\n`);
  }
  const outdir = env.LIGHTONOCR_OUT || undefined;
  if (outdir) mkdirSync(outdir, { recursive: true });
  // cdktf records a stack for every token, which nobody reads here; mapped back to TypeScript they were 40 % of a synth
  // (measured). An error's own stack is written when it is printed, with the maps on again.
  process.setSourceMapsEnabled(false);
  try {
    const app = new App({ outdir, stackTraces: false });
    for (const deployment of deployments) {
      deploymentStacks(app, deployment, release ?? placeholderIdentity(deployment));
    }
    app.synth();
    const names = deployments.map(({ name }) => name).join(', ');
    process.stderr.write(`${app.node.children.length} stacks of ${names} are in ${app.outdir}\n`);
  } finally {
    process.setSourceMapsEnabled(true);
  }
}

try {
  main(process.env);
} catch (thrown) {
  const error = systemFailure(thrown) ?? thrown;
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.toString()}\n`);
  process.exitCode = error.exitCode;
}
