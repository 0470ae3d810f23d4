import { type Rule, when } from './rule';

/** Compares `0.9.0` and `0.14.1` as numbers, part by part. */
function older(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}

/**
 * Whether this vLLM is known to work with this transformers: 0.30.0 with those before 5.17 (5.16.1 was tested with this
 * model), 0.33.0 with 5.17 to 5.20 (not tested with it). Of others nothing is known.
 */
function areKnownToFit(vllm: string, transformers: string): boolean {
  if (vllm === '0.30.0') return older(transformers, '5.17');
  return vllm === '0.33.0' && !older(transformers, '5.17') && older(transformers, '5.21');
}

/** Versions of vLLM that are known to be dangerous or wrong with this model. */
export const vllmVersionRule: Rule = ({ vllm: { version, transformersVersion }, image }) => {
  const key = 'vllm.version';
  const isPinned = transformersVersion !== 'none';
  const fits = isPinned && areKnownToFit(version, transformersVersion);
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    return when(true, {
      code: 'VLLM_VERSION_FORM',
      key,
      got: version,
      reason: 'Only a released version, MAJOR.MINOR.PATCH, can be compared with the known faults.',
      remedy: 'Write one like 0.30.0.',
    });
  }
  return [
    ...when(older(version, '0.14.1'), {
      code: 'VLLM_REMOTE_CODE',
      key,
      got: version,
      reason: 'Before 0.14.1 a request can run code on the server (CVE-2026-22778, 9.8).',
      remedy: 'Write 0.30.0 with transformers 5.16.1.',
    }),
    ...when(!older(version, '0.14.1') && older(version, '0.22.0'), {
      code: 'VLLM_KEY_BYPASS',
      key,
      got: version,
      reason:
        'Before 0.22.0 its API key is reported to be passed by (CVE-2026-48746); IAM guards this service, other uses of the image have no such door.',
      remedy: 'Write 0.30.0 with transformers 5.16.1.',
      severity: 'warning',
    }),
    ...when(version === '0.27.1', {
      code: 'VLLM_LOOPS',
      key,
      got: version,
      reason: '0.27.1 repeats itself without end with this model.',
      remedy: 'Write 0.30.0 with transformers 5.16.1.',
    }),
    ...when(version === '0.30.0' && !fits, {
      code: 'VLLM_TRANSFORMERS',
      key: 'vllm.transformersVersion',
      got: transformersVersion,
      reason: `0.30.0 works with transformers before 5.17 only${isPinned ? '' : ', and the one that its image brings is not known'}.`,
      remedy: 'Write 5.16.1, the pair that was tested.',
    }),
    ...when(version !== '0.30.0' && isPinned && !fits, {
      code: 'TRANSFORMERS_NOT_TESTED',
      key: 'vllm.transformersVersion',
      got: `${transformersVersion} with vLLM ${version}`,
      reason:
        'The pin replaces what vLLM brings. 5.16.1, which the profiles have, is for 0.30.0 alone; 0.33.0 is said to handle 5.17 to 5.20, untested with this model.',
      remedy: "Write none, which keeps what vLLM's image brings, or a version that this vLLM is made for.",
      severity: 'warning',
    }),
    ...when(!image.base.includes(version), {
      code: 'BASE_VERSION_DIFFERS',
      key: 'image.base',
      got: image.base,
      reason: `Its tag does not name vllm.version, which is ${version}: the rules may be checking another version than the one that runs.`,
      remedy: 'Change both together.',
      severity: 'warning',
    }),
  ];
};
