import { GPU_KINDS } from '../gpus';
import { type Rule, when } from './rule';

/** vCPU that this much memory needs: https://cloud.google.com/run/docs/configuring/services/memory-limits */
function cpusNeeded(memoryGib: number): number {
  if (memoryGib > 24) return 8;
  return memoryGib > 16 ? 6 : 4;
}

const orOf = (values: readonly number[]): string =>
  values.length > 1 ? `${values.slice(0, -1).join(', ')} or ${values.at(-1)}` : String(values[0]);

/** The shape of an instance with one GPU. */
export const sizeRule: Rule = ({ size: { cpu, memoryGib, gpu } }) => {
  const { id, name, cpus, memoryGibRange } = GPU_KINDS[gpu];
  const { least, most = Infinity } = memoryGibRange;
  const isL4 = id === 'nvidia-l4';
  // Of a GPU whose upper limits are not known, more than the smallest shape is Google's to judge.
  const fits = most === Infinity ? cpu >= cpus[0]! : cpus.includes(cpu);
  const range = most === Infinity ? `at least ${least}` : `${least} to ${most}`;
  const offered = most === Infinity ? `${cpus[0]} or more` : orOf(cpus);
  return [
    ...when(!fits, {
      code: isL4 ? 'L4_CPU' : 'GPU_CPU',
      key: 'size.cpu',
      got: cpu,
      reason: `An instance with one ${name} has at least ${cpus[0]} vCPU${most === Infinity ? '' : `; Cloud Run offers ${orOf(cpus)}`}.`,
      remedy: `Write ${offered}.`,
    }),
    ...when(memoryGib < least || memoryGib > most, {
      code: isL4 ? 'L4_MEMORY' : 'GPU_MEMORY',
      key: 'size.memoryGib',
      got: memoryGib,
      reason: `An instance with one ${name} has ${range} GiB.`,
      remedy: `Write ${most === Infinity ? `${least} or more` : range}.`,
    }),
    ...when(cpu < cpusNeeded(memoryGib), {
      code: 'MEMORY_NEEDS_CPU',
      key: 'size.memoryGib',
      got: `${memoryGib} with ${cpu} vCPU`,
      reason: `Cloud Run gives ${memoryGib} GiB only to instances with at least ${cpusNeeded(memoryGib)} vCPU.`,
      remedy: `Set size.cpu to ${cpusNeeded(memoryGib)}, or take less memory (4 vCPU: 16 GiB, 6: 24, 8: 32).`,
    }),
  ];
};
