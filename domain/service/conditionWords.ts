/** A condition of a service or a revision in Cloud Run's API v2 (https://cloud.google.com/run/docs/reference/rest/v2/Condition). */
export interface CloudRunCondition {
  readonly type?: string;
  readonly state?: string;
  readonly message?: string;
  /** ISO 8601. */
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly revisionReason?: string;
}

/** What each condition stands for, as a sentence that goes on with "not" or "not yet". */
const MEANS: Readonly<Record<string, readonly [fails: string, pending: string]>> = {
  Ready: ['it is not ready', 'it is not ready yet'],
  ContainerReady: ['its image cannot be had', 'its image is being fetched'],
  ContainerHealthy: ['its container does not start', 'its container is starting'],
  ResourcesAvailable: ['it gets no instance', 'it waits for an instance'],
  ConfigurationsReady: ['its newest revision did not come up', 'its newest revision is coming up'],
  RoutesReady: ['traffic is not where it was asked to be', 'traffic is on its way'],
  MinInstancesProvisioned: [
    'its minimum of instances is not there',
    'its minimum of instances is being started',
  ],
};

/** Names that Google gives failures, in words; the rest is in the message. */
const REASONS: Readonly<Record<string, string>> = {
  CONTAINER_MISSING: 'the image is not in the registry',
  CONTAINER_PERMISSION_DENIED: 'it may not read the image',
  CONTAINER_IMAGE_UNAUTHORIZED: 'a policy forbids the image',
  HEALTH_CHECK_CONTAINER_ERROR: 'the container did not listen on its port in time',
  SECRETS_ACCESS_CHECK_FAILED: 'it may not read a secret',
  PROGRESS_DEADLINE_EXCEEDED: 'it took too long',
  SERVICE_NOT_FOUND: 'something that it names is not there',
};

/** What does not hold, one sentence each with Google's own message last; empty when all hold. */
export function conditionWords(conditions: readonly CloudRunCondition[]): string[] {
  if (conditions.length === 0) return ['Cloud Run has said nothing of it yet'];
  const open = conditions.filter(({ state }) => state !== 'CONDITION_SUCCEEDED');
  // Ready says the same as what it is made of, once that is known.
  const parts = open.filter(({ type }) => type !== 'Ready');
  return (parts.length > 0 ? parts : open).map(({ type = '', state, message, reason, revisionReason }) => {
    const [fails, pending] = MEANS[type] ?? [`${type} does not hold`, `${type} does not hold yet`];
    const why = REASONS[revisionReason ?? reason ?? ''];
    return [
      state === 'CONDITION_FAILED' ? fails : pending,
      ...(why ? [why] : []),
      ...(message ? [message] : []),
    ].join(': ');
  });
}

/** `no` once a condition failed, `pending` while one is on its way and where there is none to read. */
export function holdsYet(conditions: readonly CloudRunCondition[]): 'yes' | 'no' | 'pending' {
  if (conditions.some(({ state }) => state === 'CONDITION_FAILED')) return 'no';
  return conditions.length > 0 && conditions.every(({ state }) => state === 'CONDITION_SUCCEEDED')
    ? 'yes'
    : 'pending';
}
