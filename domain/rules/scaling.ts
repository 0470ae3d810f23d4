import { type Rule, when } from './rule';

/** How many instances, and how many requests each gets. */
export const scalingRule: Rule = ({
  scaling: { minInstances, maxInstances, concurrency },
  vllm: { maxNumSeqs },
}) => [
  ...when(minInstances > maxInstances, {
    code: 'MIN_ABOVE_MAX',
    key: 'scaling.minInstances',
    got: minInstances,
    reason: `It is above scaling.maxInstances, which is ${maxInstances}.`,
    remedy: 'Lower it (0 scales to zero), or raise scaling.maxInstances.',
  }),
  ...when(concurrency < maxNumSeqs || concurrency > 2 * maxNumSeqs, {
    code: 'CONCURRENCY_RANGE',
    key: 'scaling.concurrency',
    got: concurrency,
    reason: `vLLM decodes ${maxNumSeqs} sequences together: fewer requests leave the GPU idle, more than ${2 * maxNumSeqs} wait in one instance's queue instead of starting another.`,
    remedy: `Write ${maxNumSeqs} to ${2 * maxNumSeqs}.`,
  }),
];
