import type { FailureDetails } from '../failure';

/** A build that has ended without an image, the part that says why (https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds). */
export interface EndedBuild {
  readonly id: string;
  readonly status: string;
  readonly statusDetail?: string;
  readonly logUrl?: string;
  readonly timeout?: string;
  readonly queueTtl?: string;
  readonly failureInfo?: { readonly type?: string; readonly detail?: string };
  readonly steps?: readonly { readonly id?: string; readonly status?: string }[];
}

const AGAIN = 'run the same command again';

/** Why a build gave no image, and what mends it: each cause has its own words. @param log the failing step's last lines. */
export function buildFailure(build: EndedBuild, log: readonly string[] = []): FailureDetails {
  const { id, status, failureInfo } = build;
  const reason = failureInfo?.detail ?? build.statusDetail ?? 'no reason given';
  const readLog = `read its log: ${build.logUrl ?? `gcloud builds log ${id}`}`;
  const details = (code: string, message: string, remedy: string): FailureDetails => ({
    code,
    message: [message, ...log.map((line) => `  ${line}`)].join('\n'),
    where: `build ${id}`,
    got: `${status}${failureInfo?.type ? ` (${failureInfo.type})` : ''}: ${reason}`,
    remedy,
    exitCode: 1,
  });
  const failed = failingStep(build);
  switch (status) {
    case 'TIMEOUT':
      return details(
        'BUILD_TIMED_OUT',
        `The build took longer than it may (${build.timeout ?? 'timeout'}).`,
        `raise \`timeout\` in cloudbuild/gpu-cloudbuild.yaml, or take a faster machineType; ${readLog}`,
      );
    case 'EXPIRED':
      return details(
        'BUILD_EXPIRED',
        `The build waited for a machine longer than it may (${build.queueTtl ?? 'queueTtl'}), and never began.`,
        `${AGAIN}; when it expires again, look at the quota of concurrent builds in this region (IAM & Admin, Quotas: cloudbuild.googleapis.com), or raise \`queueTtl\``,
      );
    case 'CANCELLED':
      return details('BUILD_CANCELLED', 'Somebody cancelled the build.', AGAIN);
    case 'INTERNAL_ERROR':
      return details(
        'BUILD_INTERNAL_ERROR',
        'Cloud Build itself failed.',
        `${AGAIN}; https://status.cloud.google.com`,
      );
  }
  if (failureInfo?.type === 'PUSH_NOT_AUTHORIZED' || isDenied(reason)) {
    return details(
      'BUILD_NOT_PERMITTED',
      'The build may not do what it needs to.',
      'apply the Foundation stack, which gives the builder its roles (docs/identities.md); then run the same command again',
    );
  }
  if (isQuota(reason))
    return details(
      'BUILD_QUOTA',
      'The build met a quota.',
      `ask for more where it says so, then ${AGAIN}; ${readLog}`,
    );
  if (failureInfo?.type === 'FETCH_SOURCE_FAILED')
    return details(
      'BUILD_NO_SOURCE',
      'The build could not fetch its source.',
      `${AGAIN}, which uploads it again`,
    );
  const where = failed === undefined ? '' : ` in the step ${failed.id ?? 'without a name'}`;
  return details(
    'BUILD_FAILED',
    `The build failed${where}: ${reason}`,
    `${readLog}; then ${AGAIN}, with --no-cache where a download broke off`,
  );
}

/** The step that ended the build, with its number in the log. */
function failingStep({ steps = [] }: EndedBuild): { number: number; id?: string } | undefined {
  const number = steps.findIndex((step) =>
    ['FAILURE', 'TIMEOUT', 'INTERNAL_ERROR', 'CANCELLED'].includes(step.status ?? ''),
  );
  if (number < 0) return undefined;
  const { id } = steps[number]!;
  return { number, ...(id !== undefined && { id }) };
}

/** Why a build was not even taken. */
export function submitFailure(status: number, reason: string, where: string): FailureDetails | undefined {
  const got = `HTTP ${status}: ${reason}`;
  if (status === 429 || isQuota(reason)) {
    return {
      code: 'BUILD_QUOTA',
      message: 'Cloud Build takes no build: a quota is used up, or this region has none.',
      where,
      got,
      remedy: `wait and ${AGAIN}; or ask for more: IAM & Admin, Quotas: cloudbuild.googleapis.com`,
      exitCode: 3,
    };
  }
  if (status === 403 || isDenied(reason)) {
    return {
      code: 'BUILD_NOT_PERMITTED',
      message: 'This identity may not submit builds, or not as the builder.',
      where,
      got,
      remedy:
        'in a workflow: apply the Foundation stack (docs/identities.md); at a terminal: ask for roles/cloudbuild.builds.editor and roles/iam.serviceAccountUser on the builder',
      exitCode: 3,
    };
  }
  return undefined;
}

/** Lines of a failing step that an error repeats. */
const TAIL_LINES = 20;
const LONGEST_LINE = 300;

/** The last lines of the failing step, without the prefix that Cloud Build puts before each; of the whole log if none is its. */
export function logTail(log: string, build: EndedBuild): string[] {
  const lines = log.split(/\r?\n/).filter((line) => line.trim() !== '');
  const step = failingStep(build);
  const own = step === undefined ? [] : lines.filter((line) => line.startsWith(`Step #${step.number}`));
  return (own.length > 0 ? own : lines)
    .slice(-TAIL_LINES)
    .map((line) => line.replace(/^Step #\d+(?: - "[^"]*")?: /, '').slice(0, LONGEST_LINE));
}

/** Median of how long builds took, in seconds; undefined when none has both times. */
export function typicalSeconds(
  builds: readonly { readonly startTime?: string; readonly finishTime?: string }[],
): number | undefined {
  const took = builds
    .map(({ startTime = '', finishTime = '' }) => (Date.parse(finishTime) - Date.parse(startTime)) / 1000)
    .filter((seconds) => seconds > 0)
    .sort((a, b) => a - b);
  return took[Math.floor((took.length - 1) / 2)];
}

function isQuota(reason: string): boolean {
  return /quota|RESOURCE_EXHAUSTED/i.test(reason);
}

function isDenied(reason: string): boolean {
  return /PERMISSION_DENIED|permission .*denied|does not have .*(access|permission)|denied: /i.test(reason);
}
