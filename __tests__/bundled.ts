import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
// @ts-expect-error: plain JavaScript, without types
import { bundle } from '../bin/bundle.js';

interface Output {
  readonly entryPoint?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** In the project, where what is not bundled is found. */
const DIST = join(__dirname, '..', 'dist');
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Programs as the project's bundler makes them, for what a test runs in a process of its own. */
export async function bundled(...programs: string[]) {
  mkdirSync(DIST, { recursive: true });
  const folder = mkdtempSync(join(DIST, 'test-'));
  folders.push(folder);
  const { metafile } = (await bundle(programs, folder)) as {
    metafile: { outputs: Readonly<Record<string, Output>> };
  };
  return {
    outputs: Object.values(metafile.outputs),
    /** In the order of the programs. */
    files: programs.map((program) => join(folder, `${program.replaceAll('/', '-')}.mjs`)),
  };
}
