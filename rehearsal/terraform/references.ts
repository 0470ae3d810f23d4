import { notInStandIn, TerraformError } from './terraformError';
import { type Attributes, isObject, UNKNOWN } from './values';

/** What a resource's attributes are at this point, by address; they may hold unknowns. */
export type Known = ReadonlyMap<string, Attributes>;

const REFERENCE = /^([a-z][\w-]*\.[\w-]+)((?:\.[\w-]+|\[\d+\])+)$/;

/**
 * The value with its references replaced: `${type.name.attribute}`, alone or within a text. Unknown where it is not known yet.
 * @throws TerraformError for other expressions, and for a reference to something that is not there.
 */
export function resolve(value: unknown, known: Known): unknown {
  if (Array.isArray(value)) return value.map((member) => resolve(member, known));
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, nested]) => [key, resolve(nested, known)]));
  }
  if (typeof value !== 'string') return value;
  const alone = /^\$\{([^}]*)\}$/.exec(value)?.[1];
  if (alone !== undefined) return lookUp(alone, known);
  let unknown = false;
  const text = value.replace(/\$\$\{|%%\{|%\{|\$\{([^}]*)\}/g, (match, expression?: string) => {
    if (match === '%{') throw notInStandIn(`The template directive in ${value}`);
    if (expression === undefined) return match.slice(1); // `$${` and `%%{` are Terraform's way to write `${` and `%{`.
    const found = lookUp(expression, known);
    unknown ||= found === UNKNOWN;
    return String(found);
  });
  return unknown ? UNKNOWN : text;
}

/** Addresses that a value refers to. */
export function referencesIn(value: unknown): string[] {
  const expressions = JSON.stringify(value).matchAll(/(?<!\$)\$\{([^}]*)\}/g);
  return [...expressions].flatMap(([, expression]) => REFERENCE.exec(expression!)?.[1] ?? []);
}

function lookUp(expression: string, known: Known): unknown {
  const [, address, path] = REFERENCE.exec(expression) ?? [];
  if (address === undefined) throw notInStandIn(`The expression \${${expression}}`);
  let value: unknown = known.get(address);
  if (value === undefined) {
    throw new TerraformError(
      'Reference to undeclared resource',
      `There is no ${address}, which \${${expression}} refers to.`,
    );
  }
  for (const [, key, index] of path!.matchAll(/\.([\w-]+)|\[(\d+)\]/g)) {
    if (value === UNKNOWN) return UNKNOWN;
    value = (value as Record<string, unknown> | undefined | null)?.[key ?? index!];
  }
  if (value !== undefined) return value;
  throw new TerraformError(
    'Unsupported attribute',
    `\${${expression}}: ${address} has no such attribute. A resource that the stand-in only records has its configuration and what rehearsal/terraform/resources.ts gives it.`,
  );
}
