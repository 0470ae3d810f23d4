import type { Deployment } from '../deployment';
import type { Problem } from '../problem';
import { environmentRule } from './environment';
import { githubRule } from './github';
import { gpuMemoryRule } from './gpuMemory';
import { invokersRule } from './invokers';
import { mediaDomainsRule } from './mediaDomains';
import { namesRule } from './names';
import { notificationsRule } from './notifications';
import { pageRule } from './page';
import { pinsRule } from './pins';
import { probeRule } from './probe';
import { quotaRule } from './quota';
import { regionRule } from './region';
import { releaseRule } from './release';
import { requestTimeoutRule } from './requestTimeout';
import type { Rule } from './rule';
import { scalingRule } from './scaling';
import { shutdownRule } from './shutdown';
import { sizeRule } from './size';
import { terraformRule } from './terraform';
import { textRule } from './text';
import { vllmArgsRule } from './vllmArgs';
import { vllmVersionRule } from './vllmVersion';

const RULES: readonly Rule[] = [
  namesRule,
  textRule,
  terraformRule,
  regionRule,
  sizeRule,
  scalingRule,
  quotaRule,
  requestTimeoutRule,
  probeRule,
  gpuMemoryRule,
  pageRule,
  vllmVersionRule,
  vllmArgsRule,
  environmentRule,
  pinsRule,
  mediaDomainsRule,
  shutdownRule,
  invokersRule,
  githubRule,
  notificationsRule,
  releaseRule,
];

/** What the deployment guide itself breaks: errors elsewhere, warnings in the profile that reproduces it. */
const GUIDE_BREAKS = new Set([
  'QUOTA_CPU',
  'QUOTA_MEMORY',
  'CONCURRENCY_RANGE',
  'REQUEST_TIMEOUT_BELOW_START',
  'MEDIA_DOMAINS_OPEN',
]);

/** Everything that the rules find in a deployment, errors first; all rules always run. */
export function deploymentProblems(deployment: Deployment): Problem[] {
  const found = RULES.flatMap((rule) => rule(deployment));
  const judged = found.map((problem): Problem =>
    deployment.profile === 'guide' && GUIDE_BREAKS.has(problem.code)
      ? { ...problem, severity: 'warning' }
      : problem,
  );
  const isError = (problem: Problem) => problem.severity === 'error';
  return [...judged.filter(isError), ...judged.filter((problem) => !isError(problem))];
}
