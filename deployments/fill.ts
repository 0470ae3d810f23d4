/** The same shape with every key optional, however deep: what a person writes when a profile supplies the rest. */
export type Given<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Given<T[K]> }
    : T;

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Puts what was given over the defaults, key by key; a list replaces the whole list. */
export function fill<T>(defaults: T, given: Given<T>): T {
  if (!isMap(defaults) || !isMap(given)) return (given ?? defaults) as T;
  const filled = Object.entries(given).map(([key, value]) => [key, fill(defaults[key], value)]);
  return { ...defaults, ...Object.fromEntries(filled) } as T;
}

/** Every leaf by its dotted key; lists count as leaves. */
export function leaves(value: unknown, key = ''): ReadonlyMap<string, unknown> {
  if (!isMap(value)) return new Map([[key, value]]);
  return new Map(
    Object.entries(value).flatMap(([name, nested]) => [
      ...leaves(nested, key === '' ? name : `${key}.${name}`),
    ]),
  );
}
