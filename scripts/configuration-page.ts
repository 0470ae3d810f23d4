import { z } from 'zod';
import { leaves } from '../deployments/fill';
import { PROFILES } from '../deployments/profiles';
import { deploymentFileSchema } from '../deployments/schema';
import { generatedPage, markdownCode as code, markdownTable } from './generated';

/** The part of a JSON schema that `deployments/schema.ts` uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly unit?: string;
  readonly description?: string;
  readonly const?: string | number | boolean;
  readonly enum?: readonly (string | number | boolean)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  /** Of a map: what each value is. */
  readonly additionalProperties?: JsonSchema | boolean;
}

/** What editors complete and check a deployment's file with. */
export const jsonSchema = (): JsonSchema => z.toJSONSchema(deploymentFileSchema) as JsonSchema;

/** Every key of a deployment's file, dotted, in the order of the schema; a list is one key. */
export function schemaKeys(schema: JsonSchema, prefix = ''): Map<string, JsonSchema> {
  const keys = new Map<string, JsonSchema>();
  for (const [name, value] of Object.entries(schema.properties ?? {})) {
    const nested = value.properties || value.oneOf ? schemaKeys(value, `${prefix}${name}.`) : undefined;
    for (const [key, found] of nested ?? [[prefix + name, value] as const]) keys.set(key, found);
  }
  for (const one of schema.oneOf ?? []) {
    for (const [key, found] of schemaKeys(one, prefix)) {
      keys.set(
        key,
        keys.has(key) ? { enum: [keys.get(key)!.const!, found.const!], ...described(found) } : found,
      );
    }
  }
  return keys;
}

const described = ({ unit, description }: JsonSchema): JsonSchema => ({
  ...(unit && { unit }),
  ...(description && { description }),
});

/** `0 or more`, `true or false`, `list of text`: what a value may be. */
export function kindOf(schema: JsonSchema): string {
  const { type, enum: choices, const: only, minimum, maximum, items, additionalProperties } = schema;
  if (choices) return choices.map((choice) => code(String(choice))).join(' or ');
  if (only !== undefined) return code(String(only));
  if (type === 'string') return 'text';
  if (type === 'boolean') return 'true or false';
  if (typeof additionalProperties === 'object')
    return additionalProperties.properties
      ? `map of ${Object.keys(additionalProperties.properties).map(code).join(', ')}`
      : `map of ${kindOf(additionalProperties)}`;
  if (items?.properties) return `list of ${Object.keys(items.properties).map(code).join(', ')}`;
  if (items) return `list of ${kindOf(items)}`;
  const number = type === 'integer' ? 'whole number' : 'number';
  // JSON schema writes a whole number's natural end as its largest safe integer.
  const end = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum === undefined) return number;
  return end === undefined ? `${number} from ${minimum}` : `${number}, ${minimum} to ${end}`;
}

function table(): string {
  const schema = jsonSchema();
  const [standard, guide] = (['standard', 'guide'] as const).map((profile) =>
    leaves({ ...PROFILES[profile], profile }),
  );
  const shown = (value: unknown) => (value === undefined ? 'none' : code(compact(value)));
  const required = (key: string) => schema.required?.includes(key) ?? false;
  const keys = [...schemaKeys(schema)];
  const rows = [...keys.filter(([key]) => required(key)), ...keys.filter(([key]) => !required(key))].map(
    ([key, found]) => [
      code(key),
      found.unit ?? '',
      kindOf(found),
      required(key) ? 'required' : shown(standard!.get(key)),
      compact(standard!.get(key)) === compact(guide!.get(key)) || key === 'profile'
        ? ''
        : shown(guide!.get(key)),
      found.description ?? '',
    ],
  );
  return markdownTable(['key', 'unit', 'kind', '`standard`', '`guide` differs', 'what it is'], rows);
}

/** A value as a person would write it in YAML on one line. */
function compact(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(compact).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([key, nested]) => `${key}: ${compact(nested)}`)
    .join(', ')}}`;
}

/** `docs/configuration.md`. */
export const configurationPage = generatedPage('configuration.md', 'deployments/schema.ts', table);
