import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
/** Programs of the image: the task, and the thread that draws its PDFs. */
const PROGRAMS = ['operate/batch/task', 'ocr/pdfWorker'];
/** Packages that the bundle leaves outside, for their own files: `bin/bundle.js`. */
const PACKAGES = ['sharp', '@hyzyla/pdfium', 'libheif-js'];

/** As much of `bin/bundle.js` as is used here. */
interface Bundler {
  bundle(programs: readonly string[], outdir: string): Promise<unknown>;
}

/** What `bin/start.js` is in the image, where nothing is built any more. */
const START = `const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
process.argv.splice(1, 1);
const file = process.argv[1].replaceAll('/', '-') + '.mjs';
void import(pathToFileURL(join(__dirname, '..', 'dist', 'program', file))).then(({ main }) => main?.(process.argv));
`;

/** Puts together what the client's image holds: the bundle, its packages with what they need, and the fonts. */
export async function main([, , folder]: readonly string[]): Promise<void> {
  if (folder === undefined) throw new Error('name the folder: node bin/start.js scripts/client-image FOLDER');
  const { bundle } = (await import(join(ROOT, 'bin', 'bundle.js'))) as Bundler;
  await bundle(PROGRAMS, join(folder, 'dist/program'));
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'bin/start.js'), START);
  for (const name of withDependencies(PACKAGES))
    cpSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  cpSync(join(ROOT, 'ocr/fonts'), join(folder, 'ocr/fonts'), { recursive: true });
  process.stdout.write(`${folder}: ${PROGRAMS.join(', ')}\n`);
}

/** Packages and all that they need at run time, as far as they are installed: a platform's own parts among them. */
function withDependencies(names: readonly string[], found = new Set<string>()): Set<string> {
  for (const name of names) {
    const file = join(ROOT, 'node_modules', name, 'package.json');
    if (found.has(name)) continue;
    try {
      const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
        readFileSync(file, 'utf8'),
      ) as Record<string, Record<string, string>>;
      found.add(name);
      withDependencies([...Object.keys(dependencies), ...Object.keys(optionalDependencies)], found);
    } catch {
      // Another platform's part is not installed.
    }
  }
  return found;
}
