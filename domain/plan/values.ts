/** Terraform's values of one resource, in a plan or as cdktf writes them. */
export type Values = Readonly<Record<string, unknown>>;

/** The blocks of one name: a list in a plan; cdktf writes a single one as itself. */
export function blocks(value: unknown): Values[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((found): found is Values => found !== null && typeof found === 'object');
}

/** The first of them; `{}` where there is none. */
export function block(value: unknown): Values {
  return blocks(value)[0] ?? {};
}

/** Undefined for anything but a string, a number or a boolean. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** Where a path such as `template.0.containers.0.env` leads. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (found, key) =>
        found !== null && typeof found === 'object' ? (found as Record<string, unknown>)[key] : undefined,
      value,
    );
}
