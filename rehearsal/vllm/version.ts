import { PROFILES } from '../../deployments/profiles';

/** The vLLM of both profiles: whose answers are given where an image does not say another. */
export const DEFAULT_VERSION = PROFILES.standard.vllm.version;
