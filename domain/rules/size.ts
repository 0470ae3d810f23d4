import { type Rule, when } from './rule';

/** vCPU that Cloud Run offers from the L4's minimum of 4 to its maximum of 8: https://cloud.google.com/run/docs/configuring/services/cpu */
export const CPUS = [4, 6, 8] as const;
/** An L4 needs 16 GiB at least; 32 is Cloud Run's maximum: https://cloud.google.com/run/docs/configuring/services/gpu */
export const MEMORY_GIB = { least: 16, most: 32 };

/** vCPU that this much memory needs: https://cloud.google.com/run/docs/configuring/services/memory-limits */
function cpusNeeded(memoryGib: number): number {
  if (memoryGib > 24) return 8;
  return memoryGib > 16 ? 6 : 4;
}

/** The shape of an instance with one L4. */
export const sizeRule: Rule = ({ size: { cpu, memoryGib } }) => [
  ...when(!CPUS.some((offered) => offered === cpu), {
    code: 'L4_CPU',
    key: 'size.cpu',
    got: cpu,
    reason: 'An instance with an L4 has at least 4 vCPU; Cloud Run offers 4, 6 and 8.',
    remedy: 'Write 4, 6 or 8.',
  }),
  ...when(memoryGib < MEMORY_GIB.least || memoryGib > MEMORY_GIB.most, {
    code: 'L4_MEMORY',
    key: 'size.memoryGib',
    got: memoryGib,
    reason: `An instance with an L4 has ${MEMORY_GIB.least} to ${MEMORY_GIB.most} GiB.`,
    remedy: `Write ${MEMORY_GIB.least} to ${MEMORY_GIB.most}.`,
  }),
  ...when(cpu < cpusNeeded(memoryGib), {
    code: 'MEMORY_NEEDS_CPU',
    key: 'size.memoryGib',
    got: `${memoryGib} with ${cpu} vCPU`,
    reason: `Cloud Run gives ${memoryGib} GiB only to instances with at least ${cpusNeeded(memoryGib)} vCPU.`,
    remedy: `Set size.cpu to ${cpusNeeded(memoryGib)}, or take less memory (4 vCPU: 16 GiB, 6: 24, 8: 32).`,
  }),
];
