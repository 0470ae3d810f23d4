import type { Deployment } from '../domain/deployment';
import { type Clock, systemClock } from '../ocr/clock';
import type { OcrClient, OcrClientOptions } from '../ocr/client';
import type { ObjectStore } from '../ocr/inputs/bucket';
import type { WarmUpOptions } from '../ocr/warmUp';

/** Where pages are read, and how. */
export interface OcrTarget {
  /** What waits for a cold start, unless `--no-warm-up` says not to. */
  client(this: void, waiting: WarmUpOptions, isWaitedFor: boolean): Promise<OcrClient>;
  readonly clock: Clock;
  /** For a cold start. */
  readonly budgetSeconds: number;
  /** Requests at a time. */
  readonly window: number;
  /** Default: the model's own. */
  readonly longestSidePixels?: number;
  /** Cloud Storage, for documents in it. */
  readonly objects: () => ObjectStore;
}

export interface TargetOptions {
  readonly deployment?: string;
  readonly url?: string;
  readonly model?: string;
  readonly endpoint?: string;
}

/** Of a server of which nothing is known; as `release.smoke.coldStartSeconds` and `vllm.maxNumSeqs` have them. */
const SERVER = { coldStartSeconds: 480, window: 8 };

/**
 * The service of a deployment; with `url` any server with OpenAI's API, which needs no Google project: a deployment then gives
 * settings alone. @throws what `loadDeployment` and `openRelease` throw.
 */
export async function ocrTarget(options: TargetOptions, signal: AbortSignal): Promise<OcrTarget> {
  const { deployment: name, url } = options;
  if (url !== undefined) return serverTarget({ ...options, url });
  const [{ openStoppable }, { ocrService }, { waitUntilReady }, { objectStore }] = await Promise.all([
    import('./stoppable'),
    import('../release/checks/ocrService'),
    import('../ocr/warmUp'),
    import('../release/adapters/google/objects'),
  ]);
  const context = await openStoppable(name!, options.endpoint, () => undefined, signal);
  return {
    async client(waiting, isWaitedFor) {
      const client = await ocrService(context);
      if (isWaitedFor) await waitUntilReady(client, waiting);
      return client;
    },
    clock: context.clock,
    objects: () => objectStore(context.call),
    ...settingsOf(context.deployment),
  };
}

const settingsOf = ({ release, vllm, scaling, page }: Deployment) => ({
  budgetSeconds: release.smoke.coldStartSeconds,
  window: vllm.maxNumSeqs * scaling.maxInstances,
  longestSidePixels: page.longestSidePixels,
});

async function serverTarget(options: TargetOptions & { url: string }): Promise<OcrTarget> {
  const [{ releaseEnvironment }, { loadDeployment }, { openObjects }] = await Promise.all([
    import('../deployments/environment'),
    import('../deployments/load'),
    import('../release/open'),
  ]);
  const { apiKey } = releaseEnvironment(process.env);
  const deployment = options.deployment === undefined ? undefined : loadDeployment(options.deployment);
  const connection = { baseUrl: options.url, ...(apiKey && { identityToken: async () => apiKey }) };
  return {
    client: (waiting, isWaitedFor) =>
      serverClient(connection, options.model, deployment, waiting, isWaitedFor),
    clock: systemClock,
    objects: () => openObjects(options.endpoint),
    ...(deployment
      ? settingsOf(deployment)
      : { budgetSeconds: SERVER.coldStartSeconds, window: SERVER.window }),
  };
}

/** Asks the server which model it has, and how much context; what the deployment says comes first. */
async function serverClient(
  connection: Pick<OcrClientOptions, 'baseUrl' | 'identityToken'>,
  model: string | undefined,
  deployment: Deployment | undefined,
  waiting: WarmUpOptions,
  isWaitedFor: boolean,
): Promise<OcrClient> {
  const [{ createOcrClient, MAX_TIMEOUT_SECONDS }, { untilAnswered }, { chooseModel }, { servedModelName }] =
    await Promise.all([
      import('../ocr/client'),
      import('../ocr/warmUp'),
      import('../ocr/servedModel'),
      import('../domain/vllmArgs'),
    ]);
  const { baseUrl, servedModels } = createOcrClient({ ...connection, model: model ?? '' });
  const served = isWaitedFor
    ? (await untilAnswered(servedModels, baseUrl, waiting)).answer
    : await servedModels(waiting.signal);
  const ours = deployment && servedModelName(deployment);
  const isOurs = model === undefined && served.some(({ name }) => name === ours);
  const chosen = chooseModel(served, isOurs ? ours : model, baseUrl);
  return createOcrClient({
    ...connection,
    model: chosen.name,
    modelId: isOurs ? deployment!.model.id : chosen.root,
    ...(chosen.maxModelLen && { maxModelLen: chosen.maxModelLen }),
    ...(deployment && {
      timeoutSeconds: Math.min(deployment.requestTimeoutSeconds, MAX_TIMEOUT_SECONDS),
      textTokens: deployment.page.textTokens,
    }),
  });
}
