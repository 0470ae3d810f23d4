import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** Where the variables of one deployment are kept: `.lightonocr/NAME.env` in the project's folder, which git ignores. */
export const environmentFile = (root: string, name: string) => join(root, '.lightonocr', `${name}.env`);

/**
 * Variables for the commands of one deployment alone, as a sandbox has them; none where there is no file. What is set in the
 * process wins.
 */
export function readEnvironmentFile(root: string, name: string): Readonly<Record<string, string>> {
  try {
    return parseEnv(readFileSync(environmentFile(root, name), 'utf8')) as Record<string, string>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
