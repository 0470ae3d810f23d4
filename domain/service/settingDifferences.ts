import { canonicalJson } from '../canonical';
import type { Deployment, SecretReference } from '../deployment';
import {
  CLOUD_RUN_DEFAULTS,
  flagsOf,
  serveFlags,
  gibOf,
  type LiveContainer,
  type LiveTemplate,
  vcpuOf,
} from './liveTemplate';
import { type LiveExposure, type Pair, stackPairs } from './stackSettings';
import { PLACEHOLDER_DIGEST } from '../plan/placeholder';
import { SENSITIVE } from '../plan/plan';
import { isSecretFlag, isSecretLine } from '../plan/unmarkedSecrets';
import { isOurVariable, revisionTemplate, type RevisionTemplate } from '../template';
import { VLLM_PORT } from '../vllmArgs';
import { FLAG_KEYS } from '../vllmFlags/flagKeys';

/** One setting in which what runs is not what the deployment's file says. */
export interface SettingDifference {
  /** The YAML's key, or what it is where no key stands for it, in brackets. */
  readonly key: string;
  /** What the file says, its profile's defaults and what the stack writes for every file included. */
  readonly wanted: string;
  readonly live: string;
}

interface Sides {
  readonly deployment: Deployment;
  readonly wanted: RevisionTemplate;
  readonly live: LiveTemplate;
  readonly container: LiveContainer;
}

/** The key that each flag stands for, those that the model asks for included. */
const KEYS: Readonly<Record<string, string>> = {
  ...FLAG_KEYS,
  'mm-processor-cache-gb': 'profile',
  'default-chat-template-kwargs': 'model.id',
};

/** How each field of the template is compared. A field that `template.ts` gets and this table has not does not compile. */
const FIELDS: Readonly<Record<keyof RevisionTemplate, (sides: Sides) => readonly Pair[]>> = {
  image: ({ deployment, container }) => imagePairs(deployment, container.image ?? ''),
  args: ({ deployment, wanted, container }) => flagPairs(deployment, wanted.args, container.args ?? []),
  env: ({ deployment, wanted, container }) => environmentPairs(deployment, wanted, container.env ?? []),
  // With the variables: they are one list.
  secrets: () => [],
  port: ({ wanted, container }) => {
    const { startupProbe } = container;
    const open = container.ports?.[0]?.containerPort ?? CLOUD_RUN_DEFAULTS.port;
    const probed = startupProbe?.httpGet?.port ?? startupProbe?.tcpSocket?.port ?? open;
    return [['port', wanted.port, open === wanted.port ? probed : open]];
  },
  cpu: ({ wanted, container }) => [['size.cpu', wanted.cpu, vcpuOf(container.resources?.limits?.cpu)]],
  memoryGib: ({ wanted, container }) => [
    ['size.memoryGib', wanted.memoryGib, gibOf(container.resources?.limits?.memory)],
  ],
  gpu: ({ wanted, live }) => [['size.gpu', wanted.gpu, live.nodeSelector?.accelerator]],
  gpuZonalRedundancyDisabled: ({ wanted, live }) => [
    ['size.zonalRedundancy', !wanted.gpuZonalRedundancyDisabled, live.gpuZonalRedundancyDisabled !== true],
  ],
  minInstances: ({ wanted, live }) => [
    ['scaling.minInstances', wanted.minInstances, live.scaling?.minInstanceCount ?? 0],
  ],
  maxInstances: ({ wanted, live }) => [
    ['scaling.maxInstances', wanted.maxInstances, live.scaling?.maxInstanceCount],
  ],
  concurrency: ({ wanted, live }) => [
    [
      'scaling.concurrency',
      wanted.concurrency,
      live.maxInstanceRequestConcurrency ?? CLOUD_RUN_DEFAULTS.concurrency,
    ],
  ],
  requestTimeoutSeconds: ({ wanted, live }) => [
    [
      'requestTimeoutSeconds',
      wanted.requestTimeoutSeconds,
      Number((live.timeout ?? CLOUD_RUN_DEFAULTS.timeout).replace(/s$/, '')),
    ],
  ],
  serviceAccount: ({ deployment, wanted, live }) => {
    const [id, project] = (live.serviceAccount ?? '').split('@');
    const isOurs = wanted.serviceAccount.startsWith(`${id}@`);
    const host = `${deployment.project}.iam.gserviceaccount.com`;
    if (isOurs && project !== host) return [['project', deployment.project, project?.split('.')[0]]];
    return [['(service account)', wanted.serviceAccount, live.serviceAccount]];
  },
  startupProbe: ({ wanted: { startupProbe: probe }, container: { startupProbe: found } }) => {
    if (found === undefined) return [['probe.type', probe.type, undefined]];
    return [
      ['probe.type', probe.type, found.httpGet ? 'http' : found.tcpSocket ? 'tcp' : 'grpc'],
      ['probe.path', probe.path, found.httpGet?.path],
      ['probe.initialDelaySeconds', probe.initialDelaySeconds, found.initialDelaySeconds ?? 0],
      ['probe.periodSeconds', probe.periodSeconds, found.periodSeconds ?? 10],
      ['probe.timeoutSeconds', probe.timeoutSeconds, found.timeoutSeconds ?? 1],
      ['probe.failureThreshold', probe.failureThreshold, found.failureThreshold ?? 3],
    ];
  },
};

/**
 * In which settings a live revision, or a service's template, is not what the deployment renders to.
 * @param service that it is of: a revision says nothing of the service's ingress.
 */
export function settingDifferences(
  deployment: Deployment,
  live: LiveTemplate,
  service: LiveExposure,
): SettingDifference[] {
  const { containers = [] } = live;
  // Of several, the one that requests are sent to: Cloud Run lets one have a port, and the order is free.
  const container = containers.find(({ ports = [] }) => ports.length > 0) ?? containers[0] ?? {};
  const wanted = revisionTemplate(deployment, PLACEHOLDER_DIGEST);
  const sides = { deployment, wanted, live, container };
  return [...Object.values(FIELDS).flatMap((pairs) => pairs(sides)), ...stackPairs(service, live, container)]
    .filter(([, a, b]) => comparable(a) !== comparable(b))
    .map(([key, a, b]) => ({ key, wanted: shown(a), live: shown(b) }));
}

/** A file names no digest: only where the image comes from is compared, and that it is named by a digest at all. */
function imagePairs(deployment: Deployment, image: string): Pair[] {
  const [, region, project, path = '', digest] =
    /^([\w-]+)-docker\.pkg\.dev\/([^/]+)\/([^@:]+)(?::[^@]+)?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image) ?? [];
  const ours = revisionTemplate(deployment, '').image.replace(/@$/, '').split('/').slice(2).join('/');
  if (path !== ours) return [['(image)', ours, image]];
  return [
    ['region', deployment.region, region],
    ['project', deployment.project, project],
    ['(image by digest)', true, digest !== undefined],
  ];
}

function flagPairs({ vllm }: Deployment, wanted: readonly string[], live: readonly string[]): Pair[] {
  const free = flagsOf(vllm.args);
  const keyOf = (name: string) => (free.has(name) ? 'vllm.args' : (KEYS[name] ?? `(vLLM's --${name})`));
  const [ours, theirs] = [wanted, live].map((args) => {
    const flags = new Map(serveFlags(args));
    if (flags.get('port') === String(VLLM_PORT)) flags.delete('port'); // said or not, it is vLLM's default
    return flags;
  }) as [Map<string, string>, Map<string, string>];
  return [...new Set([...ours.keys(), ...theirs.keys()])].map((name) => [
    keyOf(name),
    ours.get(name),
    seen(name, theirs.get(name)),
  ]);
}

/** A flag's value, where it may be shown. */
function seen(flag: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return isSecretFlag(flag) || isSecretLine(value) ? SENSITIVE : value;
}

/**
 * The environment is the profile's and the file's; another variable was set by hand, and its value may be a secret. So may be
 * that of a variable of the file: only whether it is the same is told.
 */
function environmentPairs(
  { env, secrets }: Deployment,
  wanted: RevisionTemplate,
  live: NonNullable<LiveContainer['env']>,
): Pair[] {
  const theirs = new Map(live.map((variable) => [variable.name ?? '', variable]));
  const names = new Set([...Object.keys(wanted.env), ...Object.keys(wanted.secrets), ...theirs.keys()]);
  return [...names].map((name) => {
    const [secret, value, found] = [wanted.secrets[name], wanted.env[name], theirs.get(name)];
    const ours = secret ? secretName(secret) : value;
    const ref = found?.valueSource?.secretKeyRef;
    const set = ref ? secretName({ secret: ref.secret ?? '', version: ref.version ?? '' }) : found?.value;
    const isShown = isOurVariable(name) || ref !== undefined || secret !== undefined;
    const there = (given: string | undefined, hidden: string) =>
      given === undefined ? `no ${name}` : `${name}=${isShown ? given : hidden}`;
    const key = isOurVariable(name)
      ? 'profile'
      : Object.hasOwn(secrets, name)
        ? `secrets.${name}`
        : Object.hasOwn(env, name)
          ? `env.${name}`
          : '(environment)';
    const isThere = found !== undefined;
    return [
      key,
      there(ours, SENSITIVE),
      there(
        isThere ? (set ?? '') : undefined,
        ours === undefined || set === ours ? SENSITIVE : `${SENSITIVE}, another`,
      ),
    ];
  });
}

/** A secret's name may be the whole resource's: projects/P/secrets/NAME. */
const secretName = ({ secret, version }: SecretReference): string =>
  `secret ${secret.split('/').at(-1)}, version ${version}`;

/** Values that mean the same become the same text: `0.80` and 0.8, JSON with and without spaces. */
function comparable(value: unknown): string {
  const text = shown(value);
  if (text.trim() !== '' && Number.isFinite(Number(text))) return String(Number(text));
  try {
    return canonicalJson(JSON.parse(text));
  } catch {
    return text;
  }
}

const shown = (value: unknown): string => {
  if (value === undefined || Number.isNaN(value)) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
};
