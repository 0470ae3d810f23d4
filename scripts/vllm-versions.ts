/**
 * `npm run vllm:versions`: reads vLLM's advisories from GitHub and what its newest wheel asks of transformers from PyPI, and
 * writes both into domain/vllmVersions/table.json. A new advisory is warned of in every version that has it until a person has
 * read it and written its effect, and the flag that it needs, into the table. Needs the network and no account.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, messageOf } from '../domain/failure';
import { type GithubAdvisory, type VersionTable, withAdvisories, withBounds } from './vllmVersions';

const TABLE = join(__dirname, '..', 'domain/vllmVersions/table.json');
const ADVISORIES =
  'https://api.github.com/repos/vllm-project/vllm/security-advisories?state=published&per_page=100';
const PYPI = 'https://pypi.org/pypi/vllm/json';

async function json<T>(url: string): Promise<T> {
  const answer = await fetch(url, { headers: { accept: 'application/json' } }).catch((error: Error) => error);
  if (!(answer instanceof Error) && answer.ok) return (await answer.json()) as T;
  throw new Failure({
    code: 'VERSIONS_NOT_READ',
    message: 'A source of the table cannot be read; the table stays as it was.',
    where: url,
    got: answer instanceof Error ? messageOf(answer.cause ?? answer) : `HTTP ${answer.status}`,
    remedy: 'run npm run vllm:versions where both sites can be reached',
    exitCode: 3,
  });
}

export async function main(): Promise<void> {
  const table = JSON.parse(readFileSync(TABLE, 'utf8')) as VersionTable;
  const today = new Date().toISOString().slice(0, 10);
  const [advisories, { info }] = await Promise.all([
    json<readonly GithubAdvisory[]>(ADVISORIES),
    json<{ info: { version: string; requires_dist: readonly string[] } }>(PYPI),
  ]);
  const known = new Set(table.advisories.map(({ id }) => id));
  const after = withBounds(withAdvisories(table, advisories, today), info.version, info.requires_dist);
  writeFileSync(TABLE, `${JSON.stringify(after, null, 2)}\n`);
  const fresh = after.advisories.filter(({ id }) => !known.has(id)).map(({ id }) => id);
  process.stdout.write(`${fresh.length} new advisories${fresh.length > 0 ? `: ${fresh.join(', ')}` : ''}\n`);
}
