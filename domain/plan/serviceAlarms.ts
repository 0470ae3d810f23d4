import { accountEmail, imageName, RUNTIME_ACCOUNT } from '../names';
import type { Deployment } from '../deployment';
import { flagsOf } from '../service/liveTemplate';
import { afterwards, SERVICE_TYPE } from './plan';
import type { ReviewAlarm } from './reviewAlarm';
import { movesTraffic } from './reviewMatters';
import { block, blocks, text, type Values } from './values';

/** What a reviewer must not miss of the service itself, in the order in which a review says it. */
export const SERVICE_ALARMS: readonly ReviewAlarm[] = [
  {
    words: 'the service goes',
    holds: ({ type, change }) =>
      type === SERVICE_TYPE && change.actions.some((action) => action === 'delete' || action === 'forget'),
  },
  { words: 'moves traffic', holds: ({ type, change }) => type === SERVICE_TYPE && movesTraffic(change) },
  {
    words: 'runs as another account',
    holds: ofService(
      ({ template }, { project }) =>
        block(template).service_account !== accountEmail(project, RUNTIME_ACCOUNT),
    ),
  },
  {
    words: 'image of another repository',
    holds: ofService(({ template }, deployment) =>
      containersOf(template).some(({ image }) => !text(image)?.startsWith(`${imageName(deployment)}@`)),
    ),
  },
  {
    words: 'starts another command',
    holds: ofService(({ template }) => containersOf(template).some(({ command }) => isSet(command))),
  },
  { words: 'more than one container', holds: ofService(({ template }) => containersOf(template).length > 1) },
  {
    words: 'no deletion protection',
    // Absent is the provider's default, true.
    holds: ofService(({ deletion_protection: on }) => on !== true && on !== null && on !== undefined),
  },
  {
    words: 'fetches images from any URL',
    holds: ({ type, change }) =>
      type === SERVICE_TYPE &&
      hasMediaDomains(change.before) &&
      !hasMediaDomains(change.after ?? change.before),
  },
  {
    words: 'runs code that comes with the model',
    holds: ofService(({ template }) => containersOf(template).some(trustsRemoteCode)),
  },
  { words: 'mounts a volume', holds: ofService(({ template }) => isSet(block(template).volumes)) },
];

/** An alarm on what the service will be; what is known only after the apply is no value that is right. */
function ofService(holds: (after: Values, deployment: Deployment) => boolean): ReviewAlarm['holds'] {
  return ({ type, change }, deployment) =>
    type === SERVICE_TYPE && Boolean(change.after) && holds(block(afterwards(change)), deployment);
}

const containersOf = (template: unknown): Values[] => blocks(block(template).containers);

/** A list that holds something, or one that only the apply knows. */
const isSet = (value: unknown) => (Array.isArray(value) ? value.length > 0 : Boolean(value));

const flagsOfContainer = ({ args }: Values) =>
  flagsOf(Array.isArray(args) ? args.map((word) => text(word) ?? '') : []);

/** Python's argparse takes a flag's beginning for the flag. */
function trustsRemoteCode(container: Values): boolean {
  return [...flagsOfContainer(container)].some(
    ([flag, value]) => flag !== '' && 'trust-remote-code'.startsWith(flag) && value !== 'false',
  );
}

/** True where a domain is named; a flag without one keeps nothing out. */
function hasMediaDomains(service: unknown): boolean {
  return containersOf(block(service).template).some((container) =>
    /\w\.\w/.test(flagsOfContainer(container).get('allowed-media-domains') ?? ''),
  );
}
