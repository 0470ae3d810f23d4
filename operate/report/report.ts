import { Failure, messageOf } from '../../domain/failure';
import type { Deployment } from '../../domain/deployment';
import type { ReleaseEntry } from '../../domain/releases/ledger';
import { markSuperseded } from '../../domain/releases/superseded';
import { historyBetween, newestReleaseSpan, type Report } from '../../domain/releases/report';
import type { ReleaseContext } from '../../release/ports/context';
import { requireLedger } from '../../release/checks/readLedger';
import { metricPoints } from './metricPoints';

export interface ReportOptions {
  /** Commit of the release to report; default: the newest. */
  readonly sha?: string;
  /** A span that ends now instead of a release's own. */
  readonly sinceSeconds?: number;
}

/**
 * What happened to a release, or since a moment, and what the numbers were. Reads alone.
 * @throws Failure `NO_LEDGER` (3), `NO_RELEASE` (2).
 */
export async function report(context: ReleaseContext, options: ReportOptions = {}): Promise<Report> {
  const { deployment, clock } = context;
  const ledger = markSuperseded(requireLedger(await context.ledger.read(), context));
  const sha = options.sha === undefined ? undefined : await context.git.resolve(options.sha);
  const now = clock.now();
  const { from, to } = spanOf();
  const gaps: string[] = [];
  const metrics = await metricPoints(context, from, to).catch((error: unknown) => {
    context.signal.throwIfAborted();
    gaps.push(`Cloud Monitoring was not read: ${messageOf(error)}`);
    return {};
  });
  if (ledger.journal === undefined) gaps.push('the ledger is from before moves of traffic were noted');
  const history = historyBetween(ledger, from, to);
  return {
    deployment: deployment.name,
    service: deployment.service,
    from: from.toISOString(),
    to: to.toISOString(),
    ...history,
    metrics,
    gaps,
    links: linksOf(deployment, history.releases.at(-1)),
  };

  function spanOf() {
    if (options.sinceSeconds !== undefined) {
      return { from: new Date(now.getTime() - options.sinceSeconds * 1000), to: now };
    }
    const span = newestReleaseSpan(ledger, sha);
    if (span === undefined) throw noRelease(context, sha);
    // Metrics come late: what is there by now of the time after the last step belongs to it.
    const end = Math.min(now.getTime(), span.to.getTime() + deployment.release.monitoringLagSeconds * 1000);
    return { from: span.from, to: new Date(end) };
  }
}

/** An address that somebody else's text could have become is left out. */
function linksOf(
  { github, project, region, service }: Deployment,
  release: Pick<ReleaseEntry, 'sha' | 'runUrl'> | undefined,
): { name: string; url: string }[] {
  const { sha = '', runUrl = '' } = release ?? {};
  const { repository } = github;
  return [
    ...(repository && sha
      ? [{ name: `commit ${sha.slice(0, 7)}`, url: `https://github.com/${repository}/commit/${sha}` }]
      : []),
    { name: 'workflow run', url: runUrl },
    {
      name: 'revisions in the console',
      url: `https://console.cloud.google.com/run/detail/${region}/${service}/revisions?project=${project}`,
    },
  ].filter(({ url }) => url.startsWith('https://'));
}

function noRelease({ ledger, deployment }: ReleaseContext, sha: string | undefined): Failure {
  return new Failure({
    code: 'NO_RELEASE',
    message: sha === undefined ? 'Nothing has been released yet.' : 'This commit has not been released.',
    where: ledger.url,
    ...(sha !== undefined && { got: sha }),
    remedy: `see what has been: bin/lightonocr status ${deployment.name}`,
    exitCode: 2,
  });
}
