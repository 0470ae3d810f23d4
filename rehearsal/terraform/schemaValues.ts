import type { Block, Field, Fields } from './serviceSchema';
import { TerraformError } from './terraformError';
import { type Attributes, isEmpty, isObject, type Json, UNKNOWN } from './values';

/**
 * The plan's values: what the configuration says, else the default, else (for what the cloud may choose, and for what is
 * empty anyway) what is there, else unknown or nothing.
 * @throws TerraformError for an argument that the resource does not have, and for a missing one.
 */
export function plannedValues(
  fields: Fields,
  written: Json,
  prior: Attributes | undefined,
  where: string,
): Attributes {
  for (const key of Object.keys(written)) {
    if (fields[key] !== undefined && fields[key].mode !== 'computed') continue;
    throw new TerraformError(
      'Extraneous JSON object property',
      `  in ${where}\n\nNo argument or block type is named "${key}".`,
    );
  }
  return mapFields(fields, (field, key) =>
    plannedValue(field, written[key], prior?.[key], `${where}.${key}`),
  );
}

function plannedValue(field: Field, written: unknown, prior: unknown, where: string): unknown {
  if (written === undefined || written === null) {
    if (field.required) {
      throw new TerraformError(
        'Missing required argument',
        `The argument "${where}" is required, but no definition was found.`,
      );
    }
    if (field.default !== undefined) return field.default;
    if (prior !== undefined && (field.mode !== 'optional' || isEmpty(prior))) return prior;
    if (field.mode !== 'optional' && written === undefined) return UNKNOWN;
    if (field.kind === 'block' || Array.isArray(prior)) return [];
    return isObject(prior) ? {} : null;
  }
  if (written === UNKNOWN) return UNKNOWN;
  if (field.kind === 'int') return Number(written);
  if (field.kind === 'string') return typeof written === 'string' ? written : JSON.stringify(written);
  if (field.kind !== 'block') return written;
  return inOrder(field, asList(written)).map((member, index) =>
    plannedValues(field.fields, member, asList(prior)[index] as Attributes | undefined, where),
  );
}

/** The API's message for the values: empty ones left out, blocks of one as objects, camel case. */
export function toApi(fields: Fields, values: Attributes): Json {
  const body: Json = {};
  for (const [key, field] of Object.entries(fields)) {
    if (field.byHand || field.mode === 'computed') continue;
    const value = values[key];
    if (!isEmpty(value) && value !== UNKNOWN) body[camelCase(key)] = apiValue(field, value);
    else if (field.nullable) body[camelCase(key)] = null;
  }
  return body;
}

function apiValue(field: Field, value: unknown): unknown {
  if (field.kind !== 'block') return value;
  const messages = asList(value).map((member) => toApi(field.fields, member as Attributes));
  return field.repeated ? messages : messages[0];
}

/** The provider's values for the API's message: what is not in it reads as the type's zero. */
export function fromApi(fields: Fields, message: Json): Attributes {
  const sent = Object.fromEntries(Object.entries(fields).filter(([, field]) => !field.byHand));
  return mapFields(sent, (field, key) => readValue(field, message[camelCase(key)], key));
}

const ZERO = { string: '', int: 0, bool: false, strings: [], map: {}, block: [] };

function readValue(field: Field, value: unknown, key: string): unknown {
  if (value === undefined || value === null) return ZERO[field.kind];
  // The API writes 64-bit numbers as strings; the provider cannot read a plain number into a string attribute.
  if (field.kind === 'string' && typeof value !== 'string') {
    throw new TerraformError(
      `Error reading Service: ${key}: '' expected type 'string', got unconvertible type '${typeof value}'`,
    );
  }
  if (field.kind === 'int') return Number(value);
  if (field.kind !== 'block') return value;
  if (!field.repeated && isEmpty(value)) return [];
  return inOrder(field, asList(value)).map((member) => fromApi(field.fields, member));
}

function mapFields(fields: Fields, valueOf: (field: Field, key: string) => unknown): Attributes {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, valueOf(field, key)]));
}

function inOrder({ orderedBy }: Block, members: unknown[]): Json[] {
  const blocks = members as Json[];
  if (orderedBy === undefined) return blocks;
  return [...blocks].sort((a, b) => (String(a[orderedBy]) < String(b[orderedBy]) ? -1 : 1));
}

/** cdktf writes a block that may stand once as an object, others as a list. */
function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
}

function camelCase(key: string): string {
  return key.replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase());
}
