import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../ocr/clock';
import { GoogleError } from '../googleError';
import type { RunLine } from '../logging';
import type { Image } from '../registry';
import type { Listening } from './listening';
import { endOverMemory } from './memory';
import { passesStartupProbe, probeName } from './probe';
import { type ContainerProcess, type StartContainer, stopProcess } from './process';
import { containerPort, environmentOf, mainContainer, projectOf, type Revision, usesGpu } from './resources';
import type { Secrets } from '../secrets';

/** A revision's one instance, from start to end. */
export interface Instance {
  /** As Cloud Run's `instanceId`, which logs carry. */
  readonly id: string;
  readonly revision: Revision;
  /** Milliseconds. */
  readonly startedAt: number;
  endedAt?: number;
  /** Resolves once the startup probe has passed; rejects with Cloud Run's words. */
  readonly ready: Promise<Listening>;
  readonly stopping: AbortController;
  isReady: boolean;
  inFlight: number;
  /** Milliseconds: end of the last request, or the start. */
  lastUsedAt: number;
  /** Milliseconds: since when it has had neither a share of traffic nor a tag. */
  unroutedSince?: number;
  /** Resolves when its process is gone. */
  readonly ended: Promise<void>;
}

export interface InstancesOptions {
  /** Of each project and region. */
  readonly gpuQuota: number;
  readonly idleSeconds: number;
  /** MiB of this machine that a MiB of a container's limit stands for. */
  readonly memoryScale: number;
  readonly startContainer: StartContainer;
  readonly logDirectory?: string;
  readonly clock: Clock;
  readonly findImage: (reference: string) => Image | undefined;
  /** False when Cloud Run's own agent has no right on the registry. */
  readonly mayPull: boolean;
  readonly secrets: Pick<Secrets, 'valueFor'>;
  readonly isRouted: (revision: Revision) => boolean;
  /** True for one that runs however long nobody asks it anything. */
  readonly isKept: (revision: Revision) => boolean;
  readonly onEvent: (text: string) => void;
  /** What goes into Cloud Logging. */
  readonly log: (line: RunLine) => void;
}

/** Why an instance is started, in the words of its log. */
const REASONS = {
  rollout:
    'DEPLOYMENT_ROLLOUT - Instance started due to traffic shifting between revisions due to deployment, traffic split adjustment, or deployment health check.',
  traffic:
    'AUTOSCALING - Instance started due to configured scaling factors (e.g. CPU utilization, request throughput, etc.) or no existing capacity for current traffic.',
};
/** What the condition then says (https://cloud.google.com/run/docs/deploying#other-projects). */
const pullRefused = (image: string) =>
  `Google Cloud Run Service Agent service-1@serverless-robot-prod.iam.gserviceaccount.com must have permission to read the image, ${image}. ` +
  'Ensure that the provided container image URL is correct and that the above account has permission to access the image. ' +
  'If you just enabled the Cloud Run API, the permissions might take a few minutes to propagate.';

type Say = (severity: 'INFO' | 'WARNING' | 'ERROR', text: string) => void;

export interface Instances {
  /** The revision's instance, started if there is none. Throws 429 when the GPU quota is used up. */
  get(revision: Revision): Instance;
  /** Seconds that a request may wait for this revision's instance. */
  maxWaitSeconds(revision: Revision): number;
  /** All there have been, for metrics. */
  readonly history: readonly Instance[];
  stop(revision: Revision): void;
  /** Ends what nobody asks any more, now and later; called when shares, tags or scaling have changed. */
  sweep(): void;
  close(): Promise<void>;
}

/** Cloud Run stops instances without traffic and tag soon; here after this. */
const UNROUTED_MILLISECONDS = 1000;

/** Cloud Run's rule for waiting requests (https://cloud.google.com/run/docs/about-instance-autoscaling). */
export const maxWaitSeconds = (lastStartSeconds: number) => Math.max(3.5 * lastStartSeconds, 10);

export function instances(options: InstancesOptions): Instances {
  const { gpuQuota, clock, onEvent, isRouted } = options;
  const now = () => clock.now().getTime();
  const history: Instance[] = [];
  const current = new Map<Revision, Instance>();
  const startSeconds = new Map<Revision, number>();

  function start(revision: Revision): Instance {
    const gpus = history.filter(
      (other) =>
        other.endedAt === undefined &&
        usesGpu(other.revision.template) &&
        locationOf(other.revision) === locationOf(revision),
    ).length;
    if (usesGpu(revision.template) && gpus >= gpuQuota) {
      throw new GoogleError(
        'RESOURCE_EXHAUSTED',
        'Quota exceeded for total allowable count of GPUs per project per region.',
      );
    }
    const stopping = new AbortController();
    const id = `00${randomBytes(98).toString('hex')}`;
    const say: Say = (severity, text) =>
      options.log({ log: 'varlog/system', revision, instance: id, severity, text });
    say(
      'INFO',
      `Starting new instance. Reason: ${revision.state === 'CONDITION_PENDING' ? REASONS.rollout : REASONS.traffic}`,
    );
    const started = launch(revision, id);
    started.then(
      (process) => {
        const { memory } = mainContainer(revision.template).resources?.limits ?? {};
        void endOverMemory(process, memory, options.memoryScale, say);
        return process.exited.then((reason) => stopping.signal.aborted || say('WARNING', reason));
      },
      () => undefined,
    );
    const instance: Instance = {
      id,
      revision,
      stopping,
      startedAt: now(),
      lastUsedAt: now(),
      isReady: false,
      inFlight: 0,
      ready: started.then((process) => becomeReady(revision, process, clock, stopping.signal, say)),
      ended: started
        .then(
          (process) => process.exited,
          () => undefined,
        )
        .then(() => {
          instance.endedAt = now();
          if (current.get(revision) === instance) current.delete(revision);
          onEvent(`instance of ${revision.name} ended`);
        }),
    };
    history.push(instance);
    current.set(revision, instance);
    onEvent(`instance of ${revision.name} starts`);
    stopping.signal.addEventListener('abort', () => void started.then(stopProcess, () => undefined));
    instance.ready.then(
      () => {
        instance.isReady = true;
        instance.lastUsedAt = now();
        startSeconds.set(revision, (now() - instance.startedAt) / 1000);
        onEvent(`instance of ${revision.name} is ready`);
        sweep();
      },
      () => retire(instance),
    );
    return instance;
  }

  async function launch(revision: Revision, id: string): Promise<ContainerProcess> {
    const reference = mainContainer(revision.template).image ?? '';
    if (!options.mayPull) throw new Error(pullRefused(reference));
    const image = options.findImage(reference);
    if (!image) throw new Error(`Image '${reference}' not found.`);
    const { logDirectory, log } = options;
    if (logDirectory) mkdirSync(logDirectory, { recursive: true });
    const variables = environmentOf(revision.template, projectOf(revision.service), options.secrets);
    return options.startContainer(revision, image, variables, (stream, text) => {
      if (logDirectory) appendFileSync(join(logDirectory, `${revision.name}.log`), `${text}\n`);
      log({ log: stream, revision, instance: id, text });
    });
  }

  function retire(instance: Instance): void {
    if (current.get(instance.revision) === instance) current.delete(instance.revision);
    instance.stopping.abort();
  }

  /** Milliseconds at which an instance is to end if nothing happens; undefined while it is needed. */
  function endOf(instance: Instance): number | undefined {
    const { revision, isReady, inFlight, lastUsedAt } = instance;
    if (isRouted(revision)) delete instance.unroutedSince;
    else instance.unroutedSince ??= now();
    if (!isReady || inFlight > 0) return undefined;
    const idle = options.isKept(revision) ? Infinity : lastUsedAt + options.idleSeconds * 1000;
    return Math.min(idle, (instance.unroutedSince ?? Infinity) + UNROUTED_MILLISECONDS);
  }

  let isClosed = false;
  let nextSweep: AbortController | undefined;
  function sweep(): void {
    nextSweep?.abort();
    if (isClosed) return;
    let next = Infinity;
    for (const instance of current.values()) {
      const end = endOf(instance);
      if (end !== undefined && end <= now()) retire(instance);
      else next = Math.min(next, end ?? Infinity);
    }
    if (next === Infinity) return;
    nextSweep = new AbortController();
    clock.sleep((next - now()) / 1000, nextSweep.signal, { ref: false }).then(sweep, () => undefined);
  }

  return {
    history,
    get: (revision) => current.get(revision) ?? start(revision),
    maxWaitSeconds: (revision) => maxWaitSeconds(startSeconds.get(revision) ?? 0),
    sweep,
    stop(revision) {
      const instance = current.get(revision);
      if (instance) retire(instance);
    },
    async close() {
      isClosed = true;
      nextSweep?.abort();
      for (const instance of current.values()) retire(instance);
      await Promise.all(history.map(({ ended }) => ended));
    },
  };
}

/** `projects/P/locations/L`, which a quota is of. */
const locationOf = ({ service }: Revision) => service.slice(0, service.lastIndexOf('/services/'));
const shortName = (name: string) => name.slice(name.lastIndexOf('/') + 1);

async function becomeReady(
  revision: Revision,
  process: ContainerProcess,
  clock: Clock,
  stopped: AbortSignal,
  say: Say,
): Promise<Listening> {
  const container = mainContainer(revision.template);
  const died = new AbortController();
  const reason = process.exited.then((text) => (died.abort(), text));
  const signal = AbortSignal.any([died.signal, stopped]);
  const probed = passesStartupProbe(container.startupProbe, process.listening, clock, signal);
  const { passed, attempts } = await probed.catch(() => ({ passed: false, attempts: 1 }));
  // Words as in public reports; `The instance was not started` is followed by more than is repeated here.
  const times = (word: string) => `${attempts} ${word}${attempts === 1 ? '' : 's'}`;
  const { httpGet } = container.startupProbe ?? {};
  const of =
    `for container "${container.name ?? `${shortName(revision.service)}-1`}" on port ${containerPort(container)}` +
    (httpGet ? ` path "${httpGet.path ?? '/'}"` : '');
  const probe = probeName(container.startupProbe);
  if (passed && !signal.aborted) {
    say('INFO', `${probe} succeeded after ${times('attempt')} ${of}.`);
    return process.listening;
  }
  if (died.signal.aborted) await reason; // its own line comes first
  if (!stopped.aborted) {
    const status = died.signal.aborted ? 'CANCELLED' : 'DEADLINE_EXCEEDED';
    say(
      'ERROR',
      `${probe} failed ${times('time')} consecutively ${of}. The instance was not started.` +
        (httpGet ? '' : ` Connection failed with status ${status}.`),
    );
  }
  const ended = died.signal.aborted ? ` ${await reason}` : '';
  const why =
    container.startupProbe === undefined
      ? `failed to start and listen on the port defined provided by the PORT=${containerPort(container)} environment variable ` +
        'within the allocated timeout. This can happen when the container port is misconfigured or if the timeout is too short.'
      : 'failed the configured startup probe checks.';
  throw new Error(
    `The user-provided container ${why}${ended} Logs for this revision might contain more information.`,
  );
}
