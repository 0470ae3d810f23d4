/** Flags that have a key of their own in the deployment's file: `vllm.args` may not say them too. */
export const FLAG_KEYS: Readonly<Record<string, string>> = {
  model: 'model.id',
  'served-model-name': 'model.servedName',
  'gpu-memory-utilization': 'vllm.gpuMemoryUtilization',
  'max-num-seqs': 'vllm.maxNumSeqs',
  'max-model-len': 'vllm.maxModelLen',
  'limit-mm-per-prompt': 'vllm.imagesPerPrompt',
  'enable-prefix-caching': 'vllm.prefixCaching',
  port: 'port',
  'allowed-media-domains': 'vllm.allowedMediaDomains',
  'shutdown-timeout': 'vllm.shutdownTimeoutSeconds',
};
