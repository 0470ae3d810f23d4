import type { Problem } from '../problem';
import { GPU_KINDS } from '../gpus';
import { type Rule, when } from './rule';

/** The service's own maximum fits what the project may use in the region; the `quota` key says how much that is. */
export const quotaRule: Rule = ({ scaling: { maxInstances }, size, quota }) => {
  const gpu = GPU_KINDS[size.gpu];
  const resources = [
    { code: 'QUOTA_CPU', each: size.cpu, least: gpu.cpus[0]!, limit: quota.vcpu, unit: 'vCPU', key: 'vcpu' },
    {
      code: 'QUOTA_MEMORY',
      each: size.memoryGib,
      least: gpu.memoryGibRange.least,
      limit: quota.memoryGib,
      unit: 'GiB',
      key: 'memoryGib',
    },
    { code: 'QUOTA_GPU', each: 1, least: 1, limit: quota.gpus, unit: gpu.name, key: 'gpus' },
  ];
  const fits = Math.min(...resources.map(({ each, limit }) => Math.floor(limit / each)));
  const overMaximum = resources.flatMap(({ code, each, least, limit, unit, key }): Problem[] =>
    when(maxInstances * each > limit, {
      code,
      key: 'scaling.maxInstances',
      got: maxInstances,
      reason: `${maxInstances} × ${each} ${unit} = ${maxInstances * each}, and quota.${key} is ${limit}.`,
      // `scaling.maxInstances` begins at 1, and an instance with a GPU has a least size.
      remedy: sentence([
        ...(fits > 0 ? [`lower it to ${fits}`] : []),
        ...(each > least ? ['take smaller instances'] : []),
        `ask for more quota and raise quota.${key} when it is granted`,
      ]),
    }),
  );
  return [
    ...overMaximum,
    ...when(fits === 1, {
      code: 'QUOTA_NO_ROOM_FOR_CANDIDATE',
      key: 'quota',
      got: `${quota.vcpu} vCPU, ${quota.memoryGib} GiB, ${quota.gpus} ${gpu.name}`,
      reason: `One instance fits, and a release runs two: stable under traffic and the candidate (2 × ${size.cpu} vCPU, 2 × ${size.memoryGib} GiB, 2 ${gpu.name}). Without room the canary stays inconclusive and goes back to stable.`,
      remedy:
        gpu.id === 'nvidia-l4'
          ? 'Take smaller instances (4 vCPU, 16 GiB fit a fresh project twice), or ask for more quota.'
          : 'Ask for more quota.',
      severity: 'warning',
    }),
  ];
};

/** What can be done instead, one or the other. */
function sentence(choices: readonly string[]): string {
  const text = choices.length > 1 ? `${choices.slice(0, -1).join(', ')}, or ${choices.at(-1)}` : choices[0]!;
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
