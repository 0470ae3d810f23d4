import { describeTraffic } from '../domain/releases/traffic';
import { utc } from '../domain/words';
import type { Status } from '../release/verbs/status';
import { table } from './table';

/** Releases shown; the ledger keeps more, and `--json` prints them all. */
const SHOWN_RELEASES = 10;

/** `status` for a person. */
export function statusTables(status: Status): string {
  const { deployment, lease, isAtWork, mend } = status;
  const revisions = status.revisions.map(({ name, ready, condition }) => [name, ready, condition ?? '']);
  const releases = status.releases
    .slice(0, SHOWN_RELEASES)
    .map(({ updatedAt, sha, revision, state, by, reason }) => [
      utc(updatedAt),
      sha.slice(0, 7),
      revision,
      state,
      by,
      reason ?? '',
    ]);
  const holds = status.holds.map(({ at, revision, by, reason }) => [utc(at), revision, by, reason]);
  return [
    ...status.scaledByHand,
    `${status.service} ${status.uri ?? 'does not exist'}`,
    `traffic: ${describeTraffic(status.traffic)}${intentWords(status)}`,
    LEDGER[status.ledger] ?? intentLine(status),
    ...(mend === undefined ? [] : [`  → ${mend}`]),
    ...(status.condition ? [`service: ${status.condition}`] : []),
    ...(lease
      ? [
          `lease:   ${lease.holder} until ${utc(lease.expiresAt)}${isAtWork ? '' : `, which is over: bin/lightonocr reconcile ${deployment}`}`,
        ]
      : []),
    ...table('revisions', ['revision', 'ready', 'condition'], revisions),
    ...table('releases', ['when', 'sha', 'revision', 'state', 'by', 'reason'], releases),
    ...table('holds', ['when', 'revision', 'by', 'reason'], holds),
  ].join('\n');
}

const LEDGER: Readonly<Partial<Record<Status['ledger'], string>>> = {
  none: 'ledger:  none, nothing says what is meant to serve',
  unread: 'ledger:  cannot be read; what is meant to serve, and what was released, is not known here',
};

function intentLine({ intent }: Status): string {
  if (!intent) return 'intent:  none';
  return `intent:  ${intent.revision} by ${intent.by} at ${utc(intent.at)} (${intent.reason})`;
}

/** While somebody holds the lease traffic may be on its way; otherwise whoever reads this has something to do. */
function intentWords({ asIntended, deployment, intent, isAtWork, uri }: Status): string {
  if (asIntended) return ', as intended';
  if (!intent || isAtWork || uri === undefined) return '';
  return `, NOT as intended; put it back: bin/lightonocr rollback ${deployment} --to ${intent.revision} --reason "put back what was meant"`;
}
