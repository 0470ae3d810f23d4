import type { Deployment } from '../deployment';
import { type EngineMemory, engineMemory } from '../engineMemory';
import { GPU_KINDS } from '../gpus';
import { modelNamed } from '../models';
import { largestImageTokens } from '../models/geometry';
import { flagsOf } from '../service/liveTemplate';
import { deploymentProblems } from '../rules';
import type { Change } from './symptoms';

/** What is known of the memory there is. */
export interface Budget {
  /** What vLLM measured as room for its KV cache; without it, what the sums of `engineMemory` leave. */
  readonly cacheGib?: number;
  /** What vLLM found free on the GPU. */
  readonly freeGib?: number;
  /** True when memory outside of vLLM's share ran out: then the share has to shrink too. */
  readonly outsideShare: boolean;
}

export interface Proposal {
  readonly change: Change;
  /** The deployment with the change in it. */
  readonly settings: Deployment;
  readonly does: string;
  /** What is lost by it. */
  readonly cost: string;
}

/** A revision's own flags over the file's: what ran out of memory may be older or newer than the file. */
export function settingsOf(deployment: Deployment, args: readonly string[]): Deployment {
  const flags = flagsOf(args);
  const number = (flag: string, otherwise: number) => {
    const value = Number(flags.get(flag));
    return Number.isFinite(value) ? value : otherwise;
  };
  const { vllm } = deployment;
  return {
    ...deployment,
    vllm: {
      ...vllm,
      gpuMemoryUtilization: number('gpu-memory-utilization', vllm.gpuMemoryUtilization),
      maxNumSeqs: number('max-num-seqs', vllm.maxNumSeqs),
      maxModelLen: number('max-model-len', vllm.maxModelLen),
    },
  };
}

/** What these settings take of their GPU, with their model. */
export const memoryOf = ({ vllm, model, size }: Deployment): EngineMemory =>
  engineMemory(vllm, modelNamed(model.id), GPU_KINDS[size.gpu]);

/** Shares of the GPU, largest first. */
const SHARES = [0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5];
/** Contexts that people use, longest first. */
const CONTEXTS = [16384, 8192, 7168, 6144, 5120, 4096, 3072, 2048];
/** Of a context that is too short for page and text, the part that is kept for text; more makes pages unreadable. */
const TEXT_SHARE = 0.55;
/** Pages are not proposed smaller than this: 1024 px on 11 inches are 93 dpi, and below that print is lost (not measured). */
const LEAST_PIXELS = 1024;

/**
 * The first settings, by what they cost, that need less memory than these, fit what there is, and break no rule: fewer
 * pages at a time first, then a shorter context that still holds page and text, then smaller pages with less text.
 * Undefined when none does.
 */
export function smallerSettings(before: Deployment, budget: Budget): Proposal | undefined {
  for (const vllm of steps(before, budget)) {
    const page = pageFor(before, vllm.maxModelLen);
    if (page === undefined) continue;
    const fewer = vllm.maxNumSeqs < before.vllm.maxNumSeqs;
    const concurrency = Math.min(before.scaling.concurrency, 2 * vllm.maxNumSeqs);
    const settings: Deployment = {
      ...before,
      page,
      vllm: { ...before.vllm, ...vllm },
      scaling: fewer ? { ...before.scaling, concurrency } : before.scaling,
    };
    if (!fits(before, settings, budget) || !passesRules(before, settings)) continue;
    return { settings, change: changed(before, settings), ...words(before, settings) };
  }
  return undefined;
}

type Vllm = Pick<Deployment['vllm'], 'gpuMemoryUtilization' | 'maxNumSeqs' | 'maxModelLen'>;

function* steps({ vllm, size }: Deployment, { outsideShare, freeGib = Infinity }: Budget): Generator<Vllm> {
  const { gpuMemoryUtilization: share, maxNumSeqs, maxModelLen } = vllm;
  const isFree = (each: number) => each < share && GPU_KINDS[size.gpu].memoryGib * each <= freeGib;
  const shares = outsideShare ? SHARES.filter(isFree) : [share];
  const contexts = [maxModelLen, ...CONTEXTS.filter((each) => each < maxModelLen)];
  for (const context of contexts) {
    for (const gpuMemoryUtilization of shares) {
      for (let sequences = maxNumSeqs; sequences >= 1; sequences = Math.floor(sequences / 2)) {
        yield { gpuMemoryUtilization, maxNumSeqs: sequences, maxModelLen: context };
      }
    }
  }
}

/** The same page where the context holds it with its text; else a smaller one with less text, if it can still be read. */
function pageFor({ page, vllm, model }: Deployment, context: number): Deployment['page'] | undefined {
  if (context === vllm.maxModelLen) return page;
  const about = modelNamed(model.id);
  if (largestImageTokens(page.longestSidePixels, about) + page.textTokens <= context) return page;
  const textTokens = Math.min(page.textTokens, Math.floor(context * TEXT_SHARE));
  const side = Math.floor(Math.sqrt(context - textTokens)) * about.grid.pixelsPerToken;
  if (side >= page.longestSidePixels) return { ...page, textTokens };
  if (side >= LEAST_PIXELS) return { longestSidePixels: side, textTokens };
  const least = context - largestImageTokens(LEAST_PIXELS, about);
  return least > 0
    ? { longestSidePixels: LEAST_PIXELS, textTokens: Math.min(page.textTokens, least) }
    : undefined;
}

function fits(before: Deployment, after: Deployment, { cacheGib, outsideShare }: Budget): boolean {
  const [old, now] = [memoryOf(before), memoryOf(after)];
  const weights = now.shareGib - now.cacheGib;
  const less = now.shareGib <= old.shareGib && now.fullGib <= old.fullGib;
  const really = outsideShare ? now.shareGib < old.shareGib : now.fullGib < old.fullGib;
  return less && really && now.fullGib - weights <= Math.min(cacheGib ?? Infinity, now.cacheGib);
}

/** No error, and no warning that was not there before. */
export function passesRules(before: Deployment, after: Deployment): boolean {
  const known = new Set(deploymentProblems(before).map(({ code }) => code));
  return deploymentProblems(after).every(({ code, severity }) => severity === 'warning' && known.has(code));
}

/** The keys that are other than before. */
function changed(before: Deployment, after: Deployment): Change {
  const differences = (['vllm', 'scaling', 'page'] as const).flatMap((part) => {
    const old = before[part] as unknown as Record<string, unknown>;
    const keys = Object.entries(after[part]).filter(([key, value]) => old[key] !== value);
    return keys.length > 0 ? [[part, Object.fromEntries(keys)] as const] : [];
  });
  return Object.fromEntries(differences);
}

const gib = (amount: number) => `${amount.toFixed(1)} GiB`;

function words(before: Deployment, after: Deployment): { does: string; cost: string } {
  const [old, now] = [memoryOf(before), memoryOf(after)];
  const does =
    now.shareGib < old.shareGib
      ? `let vLLM take ${gib(now.shareGib)} of the GPU instead of ${gib(old.shareGib)}`
      : `let vLLM need ${gib(now.fullGib)} at most instead of ${gib(old.fullGib)}`;
  const costs = [
    after.vllm.maxNumSeqs < before.vllm.maxNumSeqs &&
      `${after.vllm.maxNumSeqs} pages at a time instead of ${before.vllm.maxNumSeqs}, so fewer pages a second`,
    after.page.longestSidePixels < before.page.longestSidePixels &&
      `pages are scaled down to ${after.page.longestSidePixels} px, so small print is read worse`,
    after.page.textTokens < before.page.textTokens &&
      `a page with more than ${after.page.textTokens} tokens of text is cut`,
  ].filter((cost) => cost !== false);
  return { does, cost: costs.length > 0 ? costs.join('; ') : 'all pages that are read together still fit' };
}
