export type Json = Record<string, unknown>;

/** Attributes of one resource, in the provider's names. */
export type Attributes = Json;

/** Stands where a value is known after the apply only; as in Terraform's own providers, a text nobody writes. */
export const UNKNOWN = '74D93920-ED26-11E3-AC10-0800200C9A66';

export function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** What Go's provider takes for empty and leaves out of a request: false, 0, "", and lists and maps without members. */
export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) ? Object.keys(value).length === 0 : !value;
}

/** Whether anything inside is known after the apply only. */
export function hasUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) ? Object.values(value).some(hasUnknown) : value === UNKNOWN;
}

/** The value without what is unknown. */
export function knownOnly(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(knownOnly);
  if (!isObject(value)) return value === UNKNOWN ? null : value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, nested]) => nested !== UNKNOWN)
      .map(([key, nested]) => [key, knownOnly(nested)]),
  );
}

/**
 * The shape that `show -json` uses beside values (`after_unknown`, `*_sensitive`): true for an unknown, containers kept,
 * false for a plain member of a list, nothing for a plain member of an object.
 */
export function markers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((member) => markers(member) ?? false);
  if (!isObject(value)) return value === UNKNOWN ? true : undefined;
  const marked = Object.entries(value).map(([key, nested]) => [key, markers(nested)] as const);
  return Object.fromEntries(marked.filter(([, mark]) => mark !== undefined));
}
