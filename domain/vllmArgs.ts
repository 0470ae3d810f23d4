import type { Deployment } from './deployment';
import { DEFAULT_MODEL, modelNamed } from './models';
import { givenFlags } from './vllmFlags/givenFlags';

/** Model id, as vLLM serves it when no other name is set. */
export function servedModelName(deployment: Deployment): string {
  return deployment.model.servedName ?? deployment.model.id;
}

/** vLLM's default port; another one is passed as `--port`. */
export const VLLM_PORT = 8000;

/**
 * Flags that the model asks for. `--mm-processor-cache-gb 0`: vLLM would keep up to 4 GiB of pages, none of which comes
 * twice, and the makers serve every model so (https://github.com/lightonai/LightOnOCR). The guide's own words have no such
 * flag, so the guide's profile with the guide's model has none. `vllm.args` is stronger.
 */
function modelFlags({ model, profile, vllm }: Deployment): string[] {
  const { id, chatTemplate } = modelNamed(model.id);
  const isGuides = profile === 'guide' && id === DEFAULT_MODEL.id;
  const isGiven = (name: string) => givenFlags(vllm.args).some((flag) => flag.name === name);
  return [
    ...(isGuides || isGiven('mm-processor-cache-gb') ? [] : ['--mm-processor-cache-gb', '0']),
    ...(chatTemplate && !isGiven('default-chat-template-kwargs')
      ? ['--default-chat-template-kwargs', JSON.stringify(chatTemplate)]
      : []),
  ];
}

/**
 * vLLM's command line for a deployment: the Cloud Run container's args, and those of a `docker run`.
 * They follow `vllm serve` and begin with the model, as vLLM 0.30 to 0.33 want it; `--model` is deprecated there, and the
 * guide's own word. They live outside the image so that changing one needs no build (docs/decisions/2026-11-24-flags-outside-the-image.md).
 */
export function vllmArgs(deployment: Deployment): string[] {
  const { model, profile, vllm, port } = deployment;
  return [
    ...(profile === 'guide' ? ['--model', model.id] : [model.id]),
    ...(model.servedName === undefined ? [] : ['--served-model-name', model.servedName]),
    ...['--gpu-memory-utilization', vllm.gpuMemoryUtilization.toFixed(2)],
    ...['--max-num-seqs', String(vllm.maxNumSeqs)],
    ...['--max-model-len', String(vllm.maxModelLen)],
    ...['--limit-mm-per-prompt', JSON.stringify({ image: vllm.imagesPerPrompt })],
    vllm.prefixCaching ? '--enable-prefix-caching' : '--no-enable-prefix-caching',
    ...(port === VLLM_PORT ? [] : ['--port', String(port)]),
    ...(vllm.allowedMediaDomains.length === 0
      ? []
      : ['--allowed-media-domains', ...vllm.allowedMediaDomains]),
    ...(vllm.shutdownTimeoutSeconds === 0 ? [] : ['--shutdown-timeout', String(vllm.shutdownTimeoutSeconds)]),
    ...modelFlags(deployment),
    ...vllm.args,
  ];
}
