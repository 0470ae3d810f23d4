// `node bin/start.js rehearsal/main --json`: a program of the project, as esbuild makes it of the sources. What is missing or
// older than the sources is built first, so that there is no step between a change and a command.
const { createHash } = require('node:crypto');
const { existsSync, readdirSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const ROOT = join(__dirname, '..');
const FOLDERS = 'bin constructs deployments domain ocr operate rehearsal release scripts stacks'.split(' ');
const FILES = ['main.ts', 'package.json', 'package-lock.json'];

/** Differs whenever a source was changed, added or removed. */
function stamp() {
  const hash = createHash('sha1');
  const add = (path) => {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  };
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (/\.[jt]s$/.test(entry.name)) add(path);
    }
  };
  FOLDERS.forEach((folder) => walk(join(ROOT, folder)));
  FILES.map((file) => join(ROOT, file))
    .filter(existsSync)
    .forEach(add);
  return hash.digest('hex').slice(0, 12);
}

/** The file that a program, named by its source, is built as: `rehearsal/main`, `rehearsal-main.mjs`. */
const fileOf = (name) => `${name.replaceAll('/', '-')}.mjs`;

/** The folder of what was built of the sources as they are now. */
async function built() {
  const folder = join(ROOT, 'dist', `program-${stamp()}`);
  if (!existsSync(folder)) await require('./bundle').bundleProject(folder);
  return folder;
}

/** @param name a program by its source: `rehearsal/main`. */
async function load(name) {
  const file = join(await built(), fileOf(name));
  // Nobody sees a stack in a help; reading the maps costs it an eighth of its time (measured).
  process.setSourceMapsEnabled(!process.argv.includes('--help'));
  return import(pathToFileURL(file));
}

/** Starts a program: its `main` gets the command line; one without a `main` starts as it is loaded. */
const start = async (name) => (await load(name)).main?.(process.argv);

module.exports = { built, fileOf, load, start };
if (require.main === module) {
  process.argv.splice(1, 1);
  void start(process.argv[1]);
}
