import { readFileSync } from 'node:fs';
import { Enum, type Field, MapField, Root, Type } from 'protobufjs';
import { invalid } from './googleError';
import type { Json } from './routes';

/** Checks JSON against a message type and returns it in one spelling. Throws 400 INVALID_ARGUMENT naming the field's path. */
export type MessageReader = (json: unknown) => Json;

/**
 * A reader by proto3's JSON rules (https://protobuf.dev/programming-guides/json) over the descriptors that Google's client
 * ships. In the result names are camelCase, enums are names, int64 are strings; OUTPUT_ONLY fields and defaults without
 * presence are gone, so that the same message always looks the same.
 * @param module path of a `protos.json`, as `require.resolve` takes it.
 * @param root name of the message in error paths: `service` gives `service.template.timeout`.
 */
export function messageReader(module: string, typeName: string, root: string): MessageReader {
  const descriptors = Root.fromJSON(JSON.parse(readFileSync(require.resolve(module), 'utf8')) as never);
  const type = descriptors.lookupType(typeName);
  return (json) => readMessage(type, json, root);
}

const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 200) ?? 'undefined';

function wrongValue(path: string, type: string, value: unknown) {
  return invalid(`Invalid value at '${path}' (${type}), ${shown(value)}`);
}

function readMessage(type: Type, json: unknown, path: string): Json {
  if (!isObject(json)) throw wrongValue(path, type.fullName.slice(1), json);
  const message: Json = {};
  for (const [key, value] of Object.entries(json)) {
    const name = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    const field = type.fields[name];
    if (!field) {
      throw invalid(`Invalid JSON payload received. Unknown name "${key}" at '${path}': Cannot find field.`);
    }
    field.resolve();
    if (value === null || field.options?.['(google.api.field_behavior)'] === 'OUTPUT_ONLY') continue;
    const read = readField(field, value, `${path}.${name}`);
    if (hasPresence(field) || !isDefault(field, read)) message[name] = read;
  }
  for (const oneof of type.oneofsArray) {
    const given = oneof.oneof.filter((name) => name in message);
    if (given.length > 1)
      throw invalid(`Invalid value at '${path}': oneof '${oneof.name}' has ${given.join(' and ')}.`);
  }
  return message;
}

function readField(field: Field, value: unknown, path: string): unknown {
  if (field instanceof MapField) {
    if (!isObject(value)) throw wrongValue(path, `Map<string, ${field.type}>`, value);
    return Object.fromEntries(
      Object.entries(value).map(([key, nested]) => [key, readValue(field, nested, `${path}[${key}]`)]),
    );
  }
  if (!field.repeated) return readValue(field, value, path);
  if (!Array.isArray(value)) throw wrongValue(path, `repeated ${field.type}`, value);
  return value.map((nested, index) => readValue(field, nested, `${path}[${index}]`));
}

function readValue({ type, resolvedType }: Field, value: unknown, path: string): unknown {
  if (resolvedType instanceof Enum) {
    const name = typeof value === 'number' ? resolvedType.valuesById[value] : (value as string);
    if (typeof name !== 'string' || !(name in resolvedType.values)) {
      throw wrongValue(path, resolvedType.fullName.slice(1), value);
    }
    return name;
  }
  if (resolvedType instanceof Type) {
    const form = WELL_KNOWN[resolvedType.fullName];
    if (!form) return readMessage(resolvedType, value, path);
    if (typeof value === 'string' && form.test(value)) return value;
    throw wrongValue(path, resolvedType.fullName.slice(1), value);
  }
  const read = readScalar(type, value);
  if (read === undefined) throw wrongValue(path, type, value);
  return read;
}

const WELL_KNOWN: Readonly<Record<string, RegExp>> = {
  '.google.protobuf.Duration': /^-?\d+(\.\d{1,9})?s$/,
  '.google.protobuf.Timestamp': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/,
  '.google.protobuf.FieldMask': /^[\w.,*]*$/,
};

function readScalar(type: string, value: unknown): unknown {
  if (type === 'string' || type === 'bytes') return typeof value === 'string' ? value : undefined;
  if (type === 'bool') return typeof value === 'boolean' ? value : undefined;
  const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  if (type === 'double' || type === 'float') return number;
  if (!Number.isInteger(number)) return undefined;
  if (type.endsWith('64')) return String(value);
  return Math.abs(number) < 2 ** 31 ? number : undefined;
}

function hasPresence(field: Field): boolean {
  return field.partOf !== null || (!field.repeated && !field.map && field.resolvedType instanceof Type);
}

function isDefault(field: Field, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  if (field.resolvedType instanceof Enum) return field.resolvedType.values[value as string] === 0;
  return value === '' || value === 0 || value === '0' || value === false;
}
