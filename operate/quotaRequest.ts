import { Failure } from '../domain/failure';
import { quotaNotKnown } from '../domain/quota/quotaReport';
import {
  type AskOptions,
  defaultJustification,
  preferenceBody,
  type QuotaAsk,
  quotaAsks,
  type QuotaPreference,
  requestState,
} from '../domain/quota/quotaRequest';
import type { ReleaseContext } from '../release/ports/context';
import { isStatus } from '../release/adapters/google/googleApi';
import { readQuota } from '../release/adapters/google/quota';

type Part = Pick<ReleaseContext, 'call' | 'deployment' | 'clock' | 'signal' | 'progress'>;

export interface QuotaRequestOptions extends AskOptions {
  /** Google account that Google may write to. */
  readonly email?: string;
  /** Default: what the deployment needs, in a sentence. */
  readonly justification?: string;
  /** Sends nothing. */
  readonly dryRun?: boolean;
  /** Waits for Google's answers. */
  readonly follow?: boolean;
  /** Asks a person with these lines; throws where nobody says yes. */
  readonly confirm: (lines: readonly string[]) => Promise<void>;
}

export interface QuotaRequestResult {
  readonly asks: readonly QuotaAsk[];
  /** As they would be sent. */
  readonly requests: readonly { readonly method: 'PATCH'; readonly path: string; readonly body: object }[];
}

/** Pauses between two looks: answers come in minutes or in days. */
const FIRST_POLL_SECONDS = 5;
const MAX_POLL_SECONDS = 300;

/**
 * Asks Google for the quota that a deployment lacks, and shows where earlier requests stand. One preference a quota and
 * region: what is pending is not asked for again, what is larger is not made smaller.
 * @throws Failure `QUOTA_NOT_CHECKED` (3) when a limit is not known, `BAD_INPUT` (2) without an e-mail for what is to be sent,
 *   `QUOTA_REQUEST_NOT_PERMITTED` (3), and what `confirm` throws.
 */
export async function requestQuota(context: Part, options: QuotaRequestOptions): Promise<QuotaRequestResult> {
  const { deployment, progress } = context;
  const findings = await readQuota(context);
  const unknown = quotaNotKnown(deployment, findings);
  if (unknown) throw unknown;
  const asks = quotaAsks(deployment, findings, await readPreferences(context), options);
  const sending = asks.filter(({ action }) => action === 'ask');
  if (sending.length > 0 && options.email === undefined) throw needsEmail(deployment.name);
  const requester = {
    email: options.email ?? '',
    justification: options.justification ?? defaultJustification(deployment, options.gpus),
  };
  const requests = sending.map((ask) => ({
    method: 'PATCH' as const,
    path: `/v1/${ask.name}`,
    body: preferenceBody(deployment, ask, requester),
  }));
  if (options.dryRun) return { asks, requests };
  if (sending.length > 0) {
    const lines = sending.map(
      ({ finding: { quota, limit }, wanted }) =>
        `${quota.service} ${quota.id}: ${limit} to ${wanted} ${quota.unit}`,
    );
    await options.confirm([
      `Asks Google to raise, for ${deployment.project} in ${deployment.region}:`,
      ...lines,
      `as ${requester.email}: ${requester.justification}`,
    ]);
  }
  const made: QuotaPreference[] = [];
  for (const request of requests) {
    made.push(await send(context, request));
    progress(`asked: ${request.path}`);
  }
  // Google names the project by its number in what it returns: the answers are told apart by their order.
  const current = asks.map((ask): QuotaAsk => {
    const preference = made[sending.indexOf(ask)];
    return preference ? { ...ask, action: 'wait', preference } : ask;
  });
  return { asks: options.follow ? await follow(context, current) : current, requests };
}

/** Every request of the project, whoever made it. */
export async function readPreferences({
  call,
  deployment,
}: Pick<Part, 'call' | 'deployment'>): Promise<QuotaPreference[]> {
  const found: QuotaPreference[] = [];
  let pageToken: string | undefined;
  do {
    const path = `/v1/projects/${deployment.project}/locations/global/quotaPreferences`;
    const { data } = await call<{ quotaPreferences?: QuotaPreference[]; nextPageToken?: string }>(
      'cloudquotas',
      { path, query: { pageSize: 100, pageToken } },
    );
    found.push(...(data.quotaPreferences ?? []));
    pageToken = data.nextPageToken || undefined;
  } while (pageToken !== undefined);
  return found;
}

async function send(
  { call, deployment }: Part,
  { method, path, body }: QuotaRequestResult['requests'][number],
): Promise<QuotaPreference> {
  try {
    const query = { allowMissing: 'true' };
    return (await call<QuotaPreference>('cloudquotas', { method, path, query, body })).data;
  } catch (error) {
    if (!isStatus(error, 403)) throw error;
    throw new Failure(
      {
        code: 'QUOTA_REQUEST_NOT_PERMITTED',
        message: `Google does not take a request for quota from these credentials: ${error.reason}`,
        where: path,
        remedy: `ask as somebody with roles/cloudquotas.admin on ${deployment.project}: gcloud auth application-default login; what was asked before this stays asked`,
        exitCode: 3,
      },
      { cause: error },
    );
  }
}

/** Looks until Google has decided on all, or somebody stops it: that changes nothing, the requests stay with Google. */
async function follow(
  { call, clock, signal, progress }: Part,
  asks: readonly QuotaAsk[],
): Promise<readonly QuotaAsk[]> {
  let current = asks;
  for (let pause = FIRST_POLL_SECONDS; ; pause = Math.min(MAX_POLL_SECONDS, 2 * pause)) {
    const pending = current.filter(({ preference }) => preference && requestState(preference) === 'pending');
    if (pending.length === 0) return current;
    const names = pending.map(({ finding }) => finding.quota.id).join(', ');
    progress(`Google has not decided on ${names}; next look in ${pause} s, Ctrl-C stops looking`);
    try {
      await clock.sleep(pause, signal);
    } catch (error) {
      if (signal.aborted) return current;
      throw error;
    }
    const look = async (ask: QuotaAsk) => {
      const { data } = await call<QuotaPreference>('cloudquotas', { path: `/v1/${ask.name}` });
      return { ...ask, preference: data };
    };
    current = await Promise.all(current.map(async (ask) => (pending.includes(ask) ? look(ask) : ask)));
  }
}

function needsEmail(deployment: string): Failure {
  return new Failure({
    code: 'BAD_INPUT',
    message: '--email is missing: Google takes no request for more without an account to ask back.',
    where: `quota ${deployment} --request`,
    remedy: 'name your own, which may change quotas: --email "$(gcloud config get-value account)"',
    exitCode: 2,
  });
}
