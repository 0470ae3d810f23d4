import type { Advisory } from '../domain/vllmVersions';

/** An advisory as GitHub's API has it: https://docs.github.com/en/rest/security-advisories/repository-advisories */
export interface GithubAdvisory {
  readonly ghsa_id: string;
  readonly cve_id: string | null;
  readonly summary: string;
  readonly severity: string | null;
  readonly published_at: string | null;
  readonly vulnerabilities: readonly {
    readonly package: { readonly name: string } | null;
    readonly vulnerable_version_range: string | null;
    readonly patched_versions: string | null;
  }[];
}

/** `table.json`, as far as it is refreshed. */
export interface VersionTable {
  readonly readOn: string;
  readonly advisories: readonly Advisory[];
  readonly transformers: Readonly<Record<string, { readonly atLeast: string; readonly below: string }>>;
  readonly tested: readonly (readonly string[])[];
}

const VERSION = /\d+\.\d+(?:\.\d+)*/;

/**
 * The table with today's advisories. Of one that is known, effect, needs and summary stay: a person wrote them. A new one
 * says what GitHub says, without a condition, until a person has read it; one without a version that mends it is held to be
 * in every version.
 */
export function withAdvisories(
  table: VersionTable,
  found: readonly GithubAdvisory[],
  today: string,
): VersionTable {
  const known = new Map(table.advisories.map((advisory) => [advisory.id, advisory]));
  for (const { ghsa_id: id, cve_id: cve, ...rest } of found) {
    const of = rest.vulnerabilities.find((each) => each.package?.name === 'vllm');
    if (!of || isKnown(known, id, cve)) continue;
    const introducedIn = VERSION.exec(/>=?\s*[\d.]+/.exec(of.vulnerable_version_range ?? '')?.[0] ?? '')?.[0];
    known.set(id, {
      id,
      ...(cve !== null && { aliases: [cve] }),
      published: (rest.published_at ?? today).slice(0, 10),
      ...(introducedIn !== undefined && { introducedIn }),
      fixedIn: VERSION.exec(of.patched_versions ?? '')?.[0] ?? NEVER,
      severity: (rest.severity ?? 'high') as Advisory['severity'],
      effect: 'other',
      summary: rest.summary,
    });
  }
  const advisories = [...known.values()].sort((a, b) => (a.published < b.published ? -1 : 1));
  return { ...table, readOn: today, advisories };
}

/** Newer than every version that will come. */
const NEVER = '9999';

const isKnown = (known: ReadonlyMap<string, Advisory>, id: string, cve: string | null): boolean =>
  [...known.values()].some(({ id: other, aliases = [] }) =>
    [other, ...aliases].some((name) => name === id || name === cve),
  );

/**
 * The table with what a wheel asks for. A bound that is there already and narrower stays: it was measured.
 * @param requires `Requires-Dist` of the wheel, as PyPI's JSON has it: `transformers<5.20.0,>=5.16.1`.
 */
export function withBounds(table: VersionTable, version: string, requires: readonly string[]): VersionTable {
  const line = requires.find((each) => /^transformers\b[^;]*$/.test(each)) ?? '';
  const [, atLeast] = />=\s*([\d.]+)/.exec(line) ?? [];
  const [, below] = /<\s*([\d.]+)/.exec(line) ?? [];
  const release = version.split('.').slice(0, 2).join('.');
  if (atLeast === undefined || release in table.transformers) return table;
  const bounds = { atLeast, below: (below ?? NEVER).replace(/(\.0)+$/, '') };
  return { ...table, transformers: { ...table.transformers, [release]: bounds } };
}
