import fc from 'fast-check';
import { fill } from '../../../deployments/fill';
import type { Deployment } from '../../../domain/deployment';
import {
  type Budget,
  memoryOf,
  settingsOf,
  smallerSettings,
} from '../../../domain/diagnosis/smallerSettings';
import { largestImageTokens } from '../../../domain/models/geometry';
import { deploymentProblems } from '../../../domain/rules';
import { changed, deployment } from './symptoms';

const errors = (of: Deployment) => deploymentProblems(of).filter(({ severity }) => severity === 'error');

describe('smallerSettings', () => {
  const flags = fc.record({
    gpuMemoryUtilization: fc.double({ min: 0.1, max: 1, noNaN: true }),
    maxNumSeqs: fc.integer({ min: 1, max: 64 }),
    maxModelLen: fc.integer({ min: 1024, max: 32_768 }),
  });
  const budgets: fc.Arbitrary<Budget> = fc.record(
    {
      outsideShare: fc.boolean(),
      cacheGib: fc.double({ min: 0.01, max: 20, noNaN: true }),
      freeGib: fc.double({ min: 5, max: 22, noNaN: true }),
    },
    { requiredKeys: ['outsideShare'] },
  );

  test('every proposal passes the rules, needs less memory than before, and fits what there is', () => {
    let proposed = 0;
    fc.assert(
      fc.property(flags, budgets, (vllm, budget) => {
        const before = changed({ vllm, scaling: { concurrency: vllm.maxNumSeqs } });
        const proposal = smallerSettings(before, budget);
        if (!proposal) return;
        proposed++;
        const pasted = fill<Deployment>(before, proposal.change);
        expect(errors(pasted)).toEqual([]);
        const known = deploymentProblems(before).map(({ code }) => code);
        expect(known).toEqual(expect.arrayContaining(deploymentProblems(pasted).map(({ code }) => code)));
        const [old, now] = [memoryOf(before), memoryOf(pasted)];
        expect(now.shareGib).toBeLessThanOrEqual(old.shareGib);
        expect(now.fullGib).toBeLessThanOrEqual(old.fullGib);
        expect(now.shareGib + now.fullGib).toBeLessThan(old.shareGib + old.fullGib);
        expect(now.fullGib - 1.87).toBeLessThanOrEqual((budget.cacheGib ?? Infinity) + 1e-9);
        if (budget.outsideShare) expect(now.shareGib).toBeLessThanOrEqual(budget.freeGib ?? Infinity);
      }),
      { numRuns: 500 },
    );
    expect(proposed).toBeGreaterThan(0);
  });

  test('reads fewer pages at a time before it makes the context shorter', () => {
    // 0.4 of 22.03 GiB leave 6.94 for the cache; 8 × 8192 × 112 KiB are 7.
    const { change } = smallerSettings(changed({ vllm: { gpuMemoryUtilization: 0.4 } }), {
      outsideShare: false,
    })!;
    expect(change).toEqual({ vllm: { maxNumSeqs: 4 }, scaling: { concurrency: 8 } });
  });

  test('takes less of a GPU that has less free, and changes nothing else', () => {
    const { change } = smallerSettings(changed({ vllm: { gpuMemoryUtilization: 0.98 } }), {
      outsideShare: true,
      freeGib: 21.73,
    })!;
    expect(change).toEqual({ vllm: { gpuMemoryUtilization: 0.9 } });
  });

  test('a context of 2048 comes with smaller pages, and says what that costs', () => {
    // Room for one sequence of 2048 tokens, 0.21875 GiB, and for none of 3072.
    const { change, cost } = smallerSettings(deployment, { outsideShare: false, cacheGib: 0.22 })!;
    expect(change).toMatchObject({
      vllm: { maxNumSeqs: 1, maxModelLen: 2048 },
      page: { longestSidePixels: 1024, textTokens: 2048 - largestImageTokens(1024) },
    });
    expect(cost).toMatch(/scaled down to 1024 px.*more than 679 tokens of text is cut/);
    const without = fill<Deployment>(deployment, { vllm: { maxModelLen: 2048 } });
    expect(errors(without).map(({ code }) => code)).toEqual(['PAGE_REJECTED']); // the guide's advice alone
  });

  test('proposes nothing where not even one short sequence fits, or another rule is broken', () => {
    expect(smallerSettings(deployment, { outsideShare: false, cacheGib: 0.1 })).toBeUndefined();
    expect(smallerSettings(changed({ region: 'us-west1' }), { outsideShare: true })).toBeUndefined();
  });
});

describe('settingsOf', () => {
  test('takes the flags of the revision, in any of argparse’s forms, over those of the file', () => {
    const args = [
      '--max-model-len=2048',
      '--max_num_seqs',
      '2',
      '--gpu-memory-utilization',
      '0.5',
      '--max-num-seqs',
      '3',
    ];
    expect(settingsOf(deployment, args).vllm).toMatchObject({
      maxModelLen: 2048,
      maxNumSeqs: 3,
      gpuMemoryUtilization: 0.5,
    });
    expect(settingsOf(deployment, [])).toEqual(deployment);
  });
});
