import { randomUUID } from 'node:crypto';
import { groupBy } from './collections';
import { invalid } from './googleError';
import { jsonBody, type Json, page, type RouteTable } from './routes';

/** https://docs.cloud.google.com/artifact-analysis/docs/reference/rest/v1/projects.occurrences#NoteKind, those that are met here. */
const KINDS = ['VULNERABILITY', 'DISCOVERY', 'BUILD'];

interface Occurrence extends Json {
  readonly name: string;
  readonly kind: string;
  readonly resourceUri: string;
  readonly vulnerability?: {
    readonly effectiveSeverity?: string;
    readonly severity?: string;
    readonly fixAvailable?: boolean;
  };
}

/**
 * Artifact Analysis v1 (https://docs.cloud.google.com/artifact-analysis/docs/reference/rest/v1/projects.occurrences): what
 * somebody says of an image. Nothing is scanned here: an image has the occurrences that are created for it, as scanners of
 * other makers do, and none otherwise, as where scanning is off.
 */
export function analysisRoutes(now: () => number): RouteTable {
  const occurrences: Occurrence[] = [];

  function create(project: string, body: Json): Json {
    const { resourceUri, noteName, ...rest } = body;
    if (typeof resourceUri !== 'string' || !resourceUri.startsWith('https://'))
      throw invalid('occurrence.resource_uri: must be set, with https:// in front.');
    if (typeof noteName !== 'string' || !/^projects\/[^/]+\/notes\/.+$/.test(noteName))
      throw invalid('occurrence.note_name: must be of the form projects/PROJECT/notes/NOTE.');
    const kind = KINDS.find((known) => known.toLowerCase() in rest);
    if (kind === undefined)
      throw invalid(`occurrence.details: must be one of ${KINDS.join(', ').toLowerCase()}.`);
    const time = new Date(now()).toISOString();
    const name = `projects/${project}/occurrences/${randomUUID()}`;
    const occurrence = { ...rest, name, resourceUri, noteName, kind, createTime: time, updateTime: time };
    occurrences.push(occurrence);
    return occurrence;
  }

  const find = (project: string, filter: string | null) => {
    const matches = readFilter(filter ?? '');
    return occurrences.filter((one) => one.name.startsWith(`projects/${project}/`) && matches(one));
  };

  return {
    'POST /v1/projects/{project}/occurrences': (call, project) => create(project, jsonBody(call)),
    'GET /v1/projects/{project}/occurrences:vulnerabilitySummary': (call, project) => ({
      counts: summary(find(project, call.query.get('filter'))),
    }),
    'GET /v1/projects/{project}/occurrences': (call, project) =>
      page(call.query, 'occurrences', find(project, call.query.get('filter')), 20),
  };
}

/** By image and severity, and by image in all: that is `SEVERITY_UNSPECIFIED`. */
function summary(occurrences: readonly Occurrence[]): Json[] {
  const found = occurrences.flatMap(({ resourceUri, vulnerability }) =>
    vulnerability ? [{ resourceUri, vulnerability }] : [],
  );
  const severityOf = ({ vulnerability }: (typeof found)[number]) =>
    vulnerability.effectiveSeverity ?? vulnerability.severity ?? 'SEVERITY_UNSPECIFIED';
  const counted = (of: typeof found, severity: string): Json => ({
    resourceUri: of[0]!.resourceUri,
    severity,
    // As proto3 writes it: an int64 as text, and 0 not at all.
    ...count('fixableCount', of.filter(({ vulnerability }) => vulnerability.fixAvailable).length),
    ...count('totalCount', of.length),
  });
  return [...groupBy(found, ({ resourceUri }) => resourceUri).values()].flatMap((all) => [
    ...[...groupBy(all, severityOf)].map(([severity, of]) => counted(of, severity)),
    counted(all, 'SEVERITY_UNSPECIFIED'),
  ]);
}

const count = (key: string, number: number): Json => (number === 0 ? {} : { [key]: String(number) });

/** `kind="K" AND resourceUrl="https://…"`, in any order; the filter says `resourceUrl` where the resource says `resourceUri`. */
function readFilter(filter: string): (occurrence: Occurrence) => boolean {
  const tests = filter
    .split(/\s+AND\s+/)
    .filter(Boolean)
    .map((term) => {
      const [, key, value] = /^(kind|resourceUrl)\s*=\s*"([^"]*)"$/.exec(term.trim()) ?? [];
      if (key === 'kind') return ({ kind }: Occurrence) => kind === value;
      if (key === 'resourceUrl') return ({ resourceUri }: Occurrence) => resourceUri === value;
      throw invalid(`filter: the local cloud takes kind="…" and resourceUrl="…", got ${term}.`);
    });
  return (occurrence) => tests.every((test) => test(occurrence));
}
