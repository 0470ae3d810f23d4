import { SENSITIVE, type Change, type TerraformPlan } from './plan/plan';

/** Shorter values are hidden where they are marked and not elsewhere: `1` or `on` would blacken every line. */
const SHORTEST_SECRET = 4;

/**
 * Hides a plan's sensitive values wherever they turn up again: in another attribute, in a key, in an address. Terraform
 * marks where a value stands; what `nonsensitive()` or a provider copies elsewhere carries no mark.
 * Found as they are, as JSON and Terraform's `jsonencode` write them inside a string, as base64 and as a URL writes them.
 */
export function redactor(plan: TerraformPlan): (text: string) => string {
  const secrets = new Set<string>();
  const add = (value: unknown) => collect(value, secrets);
  for (const { change } of [...(plan.resource_changes ?? []), ...(plan.resource_drift ?? [])])
    addMarked(change, add);
  for (const change of Object.values(plan.output_changes ?? {})) addMarked(change, add);
  for (const [name, { sensitive }] of Object.entries(plan.configuration?.root_module?.variables ?? {})) {
    if (sensitive) add(plan.variables?.[name]?.value);
  }
  const forms = [...secrets]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      terraformJson(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      encodeURIComponent(Buffer.from(secret).toString()), // through bytes: half a surrogate pair would throw,
    ])
    .flatMap((form) => [form, JSON.stringify(form).slice(1, -1)]); // and as a line of JSON shows each of them
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const holdsSecret = (word: string) => {
    // What stands in front of it, a path's or a URL's, may shift the groups of four.
    const decoded = [0, 1, 2, 3].map((at) => Buffer.from(word.slice(at), 'base64').toString());
    return longestFirst.some((secret) => decoded.some((found) => found.includes(secret)));
  };
  return (text) =>
    longestFirst
      .reduce((shown, secret) => shown.replaceAll(secret, SENSITIVE), text)
      .replace(BASE64, (word) => (holdsSecret(word) ? SENSITIVE : word));
}

/** A word that may be base64 of more than a secret: `base64encode("user:${password}")` holds it at any of three offsets. */
const BASE64 = /[\w+/-]{6,}={0,2}/g;

/** As Terraform's `jsonencode` writes it, which escapes what HTML would read. */
function terraformJson(secret: string): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(secret)
    .slice(1, -1)
    .replace(/[<>&\u2028\u2029]/g, escaped);
}

/** The same for any value: every string in it, keys too. */
export function redactDeep<T>(value: T, redact: (text: string) => string): T {
  const walk = (found: unknown): unknown => {
    if (typeof found === 'string') return redact(found);
    if (typeof found === 'number') return redact(String(found)) === String(found) ? found : SENSITIVE;
    if (Array.isArray(found)) return found.map(walk);
    if (found !== null && typeof found === 'object')
      return Object.fromEntries(Object.entries(found).map(([key, nested]) => [redact(key), walk(nested)]));
    return found;
  };
  return walk(value) as T;
}

function addMarked(change: Change, add: (value: unknown) => void): void {
  markedValues(change.before, change.before_sensitive, add);
  markedValues(change.after, change.after_sensitive, add);
}

function markedValues(value: unknown, mark: unknown, add: (value: unknown) => void): void {
  if (mark === true) return add(value);
  if (mark === null || typeof mark !== 'object' || value === null || typeof value !== 'object') return;
  for (const [key, nested] of Object.entries(mark))
    markedValues((value as Record<string, unknown>)[key], nested, add);
}

function collect(value: unknown, into: Set<string>): void {
  if (typeof value === 'string' || typeof value === 'number') into.add(String(value));
  else if (value !== null && typeof value === 'object')
    for (const nested of Object.values(value)) collect(nested, into);
}
