import type { HistoryEvent } from '../domain/releases/history';
import type { RevisionRow } from '../domain/releases/revisionTable';
import { counted, utc } from '../domain/words';
import type { Revisions } from '../operate/revisions';
import { table } from './table';

/** `sha256:1a2b3c4d5e6f`: enough to tell images apart, and what the registry's page shows. */
export const shortDigest = (digest: string) => digest.slice(0, 'sha256:'.length + 12);

const oneLine = (text = '') => text.replace(/\s+/g, ' ').trim();

/** `revisions` for a person; the newest, and whatever has traffic, a tag or a role. */
export function revisionTable(found: Revisions, limit: number): string {
  const { service, exists, ledger, mend, revisions } = found;
  const toMend = mend === undefined ? [] : [`  → ${mend}`];
  if (!exists) return [`${service} does not exist`, ...toMend].join('\n');
  const isOfInterest = ({ percent, tags, roles }: RevisionRow) =>
    percent > 0 || tags.length > 0 || roles.length > 0;
  const shown = revisions.filter((row, place) => place < limit || isOfInterest(row));
  const left = revisions.length - shown.length;
  const rows = shown.map((row) => [
    row.revision,
    row.roles.join(', '),
    row.percent > 0 ? `${row.percent} %` : '',
    row.tags.join(', '),
    row.ready === 'pending' ? 'starting' : row.ready,
    row.createdAt === undefined ? '' : utc(row.createdAt),
    row.sha?.slice(0, 7) ?? '',
    row.digest === undefined ? 'by tag' : shortDigest(row.digest),
    stateText(row),
    [...(row.held === undefined ? [] : [`held: ${oneLine(row.held)}`]), oneLine(row.condition)]
      .filter(Boolean)
      .join('; '),
  ]);
  const head = ['revision', 'is', 'traffic', 'tag', 'ready', 'created', 'sha', 'image', 'ledger', 'why'];
  return [
    ...table(service, head, rows).slice(1),
    ...(ledger === 'none'
      ? ['', 'There is no ledger: nothing says which revision is meant to serve.', ...toMend]
      : []),
    ...(ledger === 'unread' ? ['', 'The ledger cannot be read: what is meant to serve is not known.'] : []),
    ...(left > 0 ? ['', `${counted(left, 'older one')}: --limit ${revisions.length}`] : []),
  ].join('\n');
}

function stateText({ state, servedAt }: RevisionRow): string {
  const served = servedAt !== undefined && state !== 'served' ? [`served ${utc(servedAt)}`] : [];
  return [state ?? '', ...served].filter(Boolean).join(', ');
}

/** `history` for a person. */
export function historyTable(deployment: string, events: readonly HistoryEvent[], limit: number): string {
  if (events.length === 0) return 'The ledger has nothing yet.';
  const rows = events
    .slice(0, limit)
    .map(({ at, by, what, revision = '', outcome = '', reason, runUrl = '' }) => [
      utc(at),
      by,
      what,
      revision,
      outcome,
      oneLine(reason),
      runUrl,
    ]);
  const left = events.length - rows.length;
  return [
    ...table(deployment, ['when', 'who', 'what', 'revision', 'outcome', 'reason', 'run'], rows).slice(1),
    ...(left > 0 ? ['', `${counted(left, 'older one')}: --limit ${events.length}`] : []),
  ].join('\n');
}
