import { type Rule, when } from './rule';

/** An image URL must not make the service fetch from the network it stands in. */
export const mediaDomainsRule: Rule = ({ vllm: { allowedMediaDomains } }) =>
  when(allowedMediaDomains.length === 0, {
    code: 'MEDIA_DOMAINS_OPEN',
    key: 'vllm.allowedMediaDomains',
    got: '[]',
    reason: 'Empty means all: an image URL in a request makes vLLM fetch any address (SSRF).',
    remedy: 'Name a domain that cannot exist, like media.invalid; data: URLs still pass.',
  });
