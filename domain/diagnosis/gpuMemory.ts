import type { Deployment } from '../deployment';
import { anyOf, awayFirst, type Pattern, release, shown } from './evidence';
import { type Budget, memoryOf, passesRules, settingsOf, smallerSettings } from './smallerSettings';
import type { Case, Remedy } from './symptoms';

const NO_ROOM: Pattern = {
  words: /No available memory for the cache blocks\./,
  source:
    'https://github.com/vllm-project/vllm/blob/main/vllm/v1/core/kv_cache_utils.py, _check_enough_kv_cache_memory',
};
const SEQUENCE: Pattern = {
  words:
    /To serve at least one request with the models?'s max seq len \((\d+)\), \(?([\d.]+) GiB KV cache is needed, which is larger than the available KV cache memory \(([\d.]+) GiB\)\.(?: Based on the available memory, the estimated maximum model length is (\d+)\.)?/,
  source: NO_ROOM.source,
};
const SEQUENCE_BEFORE_V1: Pattern = {
  words:
    /The model's max seq len \((\d+)\) is larger than the maximum number of tokens that can be stored in KV cache \((\d+)\)/,
  source: 'https://github.com/vllm-project/vllm/issues/2418',
};
const DEVICE: Pattern = {
  words:
    /Free memory on device (?:\w+:\d+ )?\(([\d.]+)\/([\d.]+) GiB\) on startup is less than desired GPU memory utilization \(([\d.]+), ([\d.]+) GiB\)/,
  source: 'https://github.com/vllm-project/vllm/blob/main/vllm/v1/worker/utils.py, request_memory',
};
const TORCH: Pattern = {
  words:
    /(?:torch\.(?:cuda\.)?OutOfMemoryError: )?CUDA out of memory(?: occurred when warming up (?:sampler|pooler) (?:\(task='\w+'\) )?with \d+ dummy requests)?\.(?: Tried to allocate [\d.]+ [KMG]iB\.)?(?: GPU \d+ has a total capacity of [\d.]+ [MG]iB of which [\d.]+ [KMG]iB is free\.)?/,
  source:
    'https://github.com/vllm-project/vllm/issues/12030; https://github.com/vllm-project/vllm/blob/main/vllm/v1/worker/gpu_model_runner.py, _dummy_sampler_run',
};
const PATTERNS = [DEVICE, SEQUENCE, SEQUENCE_BEFORE_V1, NO_ROOM, TORCH];

/** The guide's "Out of Memory": vLLM's share of the GPU does not hold the model with its cache, or the GPU not the share. */
export const gpuMemory: Case = (symptoms) => {
  const { deployment, revisions, lines } = symptoms;
  return revisions.flatMap((revision) => {
    const found = anyOf(lines, revision, PATTERNS);
    if (found.length === 0) return [];
    const settings = settingsOf(deployment, revision.args);
    const told = (pattern: Pattern) =>
      found.map(({ text }) => pattern.words.exec(text)).find((match) => match !== null);
    const [available, free] = [told(SEQUENCE)?.[3], told(DEVICE)?.[1]];
    const budget: Budget = {
      ...(available !== undefined && { cacheGib: Number(available) }),
      ...(free !== undefined && { freeGib: Number(free) }),
      outsideShare: free !== undefined || told(TORCH) !== undefined,
    };
    const { gpuMemoryUtilization, maxNumSeqs, maxModelLen } = settings.vllm;
    const larger = usualShare(settings, budget);
    return [
      {
        id: 'gpu-memory',
        guide: 'Out of Memory',
        what: `The GPU’s memory does not hold vLLM with gpuMemoryUtilization ${gpuMemoryUtilization}, maxNumSeqs ${maxNumSeqs}, maxModelLen ${maxModelLen}.`,
        certainty: 'named',
        because: 'vLLM says so before it ends.',
        revision: revision.name,
        evidence: shown(found),
        remedies: [
          ...awayFirst(symptoms, revision, 'out of GPU memory'),
          ...larger,
          ...smaller(settings, budget, larger.length > 0 ? 'or ' : ''),
          release(deployment),
        ],
      },
    ];
  });
};

/** The profiles' share; what is left of the GPU is CUDA's and vLLM's own peaks. */
const USUAL_SHARE = 0.8;

/** More of the GPU, where vLLM was given little of it and the GPU itself was not the limit. */
function usualShare(settings: Deployment, { outsideShare }: Budget): readonly Remedy[] {
  const vllm = { ...settings.vllm, gpuMemoryUtilization: USUAL_SHARE };
  const { fullGib, shareGib } = memoryOf({ ...settings, vllm });
  const helps = !outsideShare && settings.vllm.gpuMemoryUtilization < USUAL_SHARE && fullGib <= shareGib;
  if (!helps || !passesRules(settings, { ...settings, vllm })) return [];
  return [
    {
      does: `give vLLM its usual share of the GPU; ${settings.vllm.gpuMemoryUtilization} leaves the rest unused`,
      change: { vllm: { gpuMemoryUtilization: USUAL_SHARE } },
    },
  ];
}

function smaller(settings: Deployment, budget: Budget, or: string): readonly Remedy[] {
  const proposal = smallerSettings(settings, budget);
  if (proposal) return [{ does: `${or}${proposal.does}: ${proposal.cost}`, change: proposal.change }];
  return [
    { does: 'no smaller settings pass the rules; see what else the file breaks', command: 'npm run synth' },
  ];
}
