import type { Deployment } from '../deployment';
import type { Problem } from '../problem';
import { givenFlags } from '../vllmFlags/givenFlags';
import {
  type Advisory,
  advisoriesOf,
  isOlder,
  READ_ON,
  TESTED_PAIRS,
  transformersBounds,
} from '../vllmVersions';
import { type Rule, when } from './rule';

const KEY = 'vllm.version';
const [[VLLM = '', TRANSFORMERS = ''] = []] = TESTED_PAIRS;
const PAIR = `${VLLM} with transformers ${TRANSFORMERS}`;

/** Versions of vLLM that are known to be dangerous or wrong with this model, or with the transformers beside it. */
export const vllmVersionRule: Rule = ({ vllm, image }) => {
  const { version } = vllm;
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    return when(true, {
      code: 'VLLM_VERSION_FORM',
      key: KEY,
      got: version,
      reason: 'Only a released version, MAJOR.MINOR.PATCH, can be compared with the known faults.',
      remedy: `Write one like ${VLLM}.`,
    });
  }
  return [
    ...advisoryProblems(vllm),
    ...when(version === '0.27.1', {
      code: 'VLLM_LOOPS',
      key: KEY,
      got: version,
      reason: '0.27.1 repeats itself without end with this model.',
      remedy: `Write ${PAIR}.`,
    }),
    ...transformersProblems(vllm),
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

/** An error where a request can run code; else a warning, since only callers that IAM lets in can send one. */
function advisoryProblems({ version, args }: Deployment['vllm']): Problem[] {
  const given = new Set(givenFlags(args).flatMap(({ name, negated }) => (negated ? [] : [name])));
  const open = advisoriesOf(version).filter(({ needs }) => needs === undefined || given.has(needs));
  const of = (...effects: readonly Advisory['effect'][]) =>
    open.filter(({ effect }) => effects.includes(effect));
  return [
    ...told(version, of('remote-code'), { code: 'VLLM_REMOTE_CODE', severity: 'error' }),
    ...told(version, of('key-bypass'), { code: 'VLLM_KEY_BYPASS', severity: 'warning' }),
    ...told(version, of('denial-of-service', 'other'), { code: 'VLLM_ADVISORY', severity: 'warning' }),
  ];
}

function told(
  version: string,
  advisories: readonly Advisory[],
  { code, severity }: Pick<Problem, 'code' | 'severity'>,
): Problem[] {
  const each = advisories.map(({ id, aliases = [], fixedIn, needs, summary }) => {
    const condition = needs === undefined ? '' : `, with --${needs}`;
    return `before ${fixedIn}${condition}, ${summary} (${[id, ...aliases].join(', ')})`;
  });
  return when(each.length > 0, {
    code,
    key: KEY,
    got: version,
    reason: `vLLM’s advisories, read on ${READ_ON}: ${each.join('; ')}.`,
    remedy: `Write ${PAIR}.`,
    severity,
  });
}

/** 0.30.0 alone is seen to fail outside of its bounds; of others the wheel's own bounds are known, or nothing. */
function transformersProblems({ version, transformersVersion }: Deployment['vllm']): Problem[] {
  const key = 'vllm.transformersVersion';
  const isPinned = transformersVersion !== 'none';
  const bounds = transformersBounds(version);
  const fits =
    isPinned &&
    bounds !== undefined &&
    !isOlder(transformersVersion, bounds.atLeast) &&
    isOlder(transformersVersion, bounds.below);
  if (fits) return [];
  const range = bounds && `${bounds.atLeast} to below ${bounds.below}`;
  if (version.startsWith('0.30.')) {
    return when(true, {
      code: 'VLLM_TRANSFORMERS',
      key,
      got: transformersVersion,
      reason: `${version} works with transformers ${range} only${isPinned ? '' : ', and the one that its image brings is not known'}.`,
      remedy: 'Write 5.16.1, which was run with it.',
    });
  }
  return when(isPinned, {
    code: 'TRANSFORMERS_NOT_TESTED',
    key,
    got: `${transformersVersion} with vLLM ${version}`,
    reason: `The pin replaces what vLLM brings. ${range ? `vLLM ${version} asks for ${range}.` : `What vLLM ${version} takes is not known here.`}`,
    remedy: `Write none, which keeps what vLLM's image brings${range ? `, or a version from ${range}` : ''}.`,
    severity: 'warning',
  });
}
