import type { ImageRecord, ModelRecord, Vulnerabilities } from '../domain/image/imageRecord';
import { counted, utc } from '../domain/words';

const MILLISECONDS_AN_HOUR = 3_600_000;

/** `image` for a person: what is not known says why, and is never shown as nothing. */
export function imageText(record: ImageRecord, now: Date): string {
  const { revision, percent, image, digest, sha, registry, vulnerabilities, model } = record;
  const there = registry.state === 'there' ? registry : undefined;
  const missing =
    registry.state === 'there' ? 'the registry does not say' : `${registry.state}: ${registry.why}`;
  const rows: readonly (readonly [string, string])[] = [
    ['revision', `${revision}, ${percent} % of the traffic`],
    ['image', image.replace(/@.*$/, '')],
    ['digest', digest ?? 'not known: it was deployed by tag'],
    ['commit', sha ?? 'not known: no release made the revision'],
    ['tags', there ? there.tags.join(', ') || 'none' : missing],
    ['size', there?.sizeBytes === undefined ? missing : gibibytes(there.sizeBytes)],
    ['age', there?.pushedAt === undefined ? missing : age(there.pushedAt, now)],
    ['vulnerabilities', vulnerabilityText(vulnerabilities)],
    ['model', modelText(model)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

const gibibytes = (bytes: number) =>
  bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(2)} GiB`;

function age(pushedAt: string, now: Date): string {
  const hours = Math.floor((now.getTime() - Date.parse(pushedAt)) / MILLISECONDS_AN_HOUR);
  const [count, unit] = hours < 24 ? [hours, 'hour'] : [Math.floor(hours / 24), 'day'];
  return `${counted(count, unit)}, pushed ${utc(pushedAt)}`;
}

function vulnerabilityText(found: Vulnerabilities): string {
  if (found.state !== 'scanned') return `${found.state}: ${found.why}`;
  const counts = found.counts.map(({ severity, total, fixable }) => {
    const fix = fixable > 0 ? ` (${fixable} with a fix)` : '';
    return `${total} ${severity.toLowerCase()}${fix}`;
  });
  const when = found.at === undefined ? '' : `; scanned ${utc(found.at)}`;
  const stale = found.kept ? '' : ', and not looked at since: the image was not pulled for 30 days';
  return `${counts.join(', ') || 'none known'}${when}${stale}`;
}

function modelText(model: ModelRecord): string {
  if (model.state === 'not known')
    return `not known: ${model.why}${model.build ? ` (build ${model.build})` : ''}`;
  const wanted = model.wanted === undefined ? '' : `; the deployment asks for ${model.wanted}`;
  return `inside: ${model.id} at ${model.revision}, ${model.weights} (build ${model.build})${wanted}`;
}
