import { z } from 'zod';
import type { Problem } from '../domain/problem';
import { suggestion } from '../domain/suggestion';
import { deploymentFileSchema } from './schema';

/** JSON Schema, as far as keys go. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
}

/** Every key that a file may have, dotted; items of lists have no part of their own. */
function knownKeys(node: Node, prefix = ''): string[] {
  return [node, ...(node.oneOf ?? []), ...(node.items ? [node.items] : [])].flatMap((part) =>
    Object.entries(part.properties ?? {}).flatMap(([key, child]) => [
      prefix + key,
      ...knownKeys(child, `${prefix}${key}.`),
    ]),
  );
}

/** The same key in another section if there is one (`maxInstances` → `scaling.maxInstances`), else the nearest beside it. */
function nearestKey(key: string, path: readonly PropertyKey[]): string | undefined {
  const all = knownKeys(z.toJSONSchema(deploymentFileSchema) as Node);
  const elsewhere = all.find((known) => known.endsWith(`.${key}`));
  if (elsewhere !== undefined) return elsewhere;
  const prefix = path.filter((part) => typeof part === 'string').map((part) => `${part}.`);
  const section = prefix.join('');
  const beside = all.filter((known) => known.startsWith(section)).map((known) => known.slice(section.length));
  return suggestion(key, [...new Set(beside.filter((known) => !known.includes('.')))]);
}

function problemsOf(issue: z.core.$ZodIssue, file: unknown): Problem[] {
  const valueAt = (path: readonly PropertyKey[]) =>
    path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part], file);
  const problem = (code: string, path: readonly PropertyKey[], reason: string, remedy: string): Problem => ({
    code,
    key: path.join('.'),
    got: JSON.stringify(valueAt(path)) ?? 'nothing',
    reason,
    remedy,
    severity: 'error',
  });
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const meant = nearestKey(key, issue.path);
      return problem(
        'UNKNOWN_KEY',
        [...issue.path, key],
        meant === undefined ? 'unknown key.' : `unknown key; did you mean ${meant}?`,
        meant === undefined
          ? 'Take it out; docs/configuration.md has every key.'
          : 'Rename it or take it out.',
      );
    });
  }
  return valueAt(issue.path) === undefined
    ? [problem('MISSING_KEY', issue.path, `${issue.message}; no profile supplies it.`, 'Add it.')]
    : [
        problem(
          'INVALID_VALUE',
          issue.path,
          `${issue.message}.`,
          'Correct it, or leave out what a profile supplies.',
        ),
      ];
}

/** Everything that is wrong with a file's keys and kinds, as problems of its keys; none without an error. */
export function schemaProblems(error: z.ZodError | undefined, file: unknown): Problem[] {
  return (error?.issues ?? []).flatMap((issue) => problemsOf(issue, file));
}
