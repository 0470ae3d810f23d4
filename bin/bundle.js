// The one configuration of the bundler: what bin/start.js runs, and the client's package (scripts/build.ts).
const { builtinModules } = require('node:module');
const { existsSync, readdirSync, renameSync, rmSync, statSync } = require('node:fs');
const { readFile } = require('node:fs/promises');
const { dirname, join, relative } = require('node:path');
const { build } = require('esbuild');
const { fileOf } = require('./start');
const { devDependencies } = require('../package.json');

const ROOT = join(__dirname, '..');
/** Every file that is started as a process or a thread. */
const PROGRAMS = [
  ...[
    'bin/cli',
    'main',
    'rehearsal/main',
    'rehearsal/simulate/main',
    'rehearsal/sandbox/main',
    'rehearsal/sandbox/cloud',
    'rehearsal/act/main',
    'rehearsal/terraform/main',
    'rehearsal/vllm/main',
    'operate/batch/task',
    'ocr/pdfWorker',
  ],
  ...[
    'bench',
    'build',
    'check',
    'client-image',
    'corpus',
    'defences',
    'docs',
    'fuzz',
    'helps',
    'lint-image',
    'lint-workflows',
    'measure-gpu',
    'mutants',
    'ocrLoad',
    'python-client',
    'simulate-verdicts',
    'type-docs',
    'verify-vllm',
    'vllm-versions',
  ].map((script) => `scripts/${script}`),
  'scripts/make-golden-pages',
];
/** Packages with files of their own beside their code, and what a production install leaves out: only the rehearsal loads it. */
const NOT_BUNDLED = [
  ...['sharp', '@hyzyla/pdfium', 'libheif-js', 'jxl-oxide-wasm', 'tesseract.js', 'typescript'],
  ...Object.keys(devDependencies).filter((name) => !existsSync(join(ROOT, 'node_modules', name))),
];
/** Processes that run keep loading parts of what they were started from: so many builds stay. */
const KEPT_BUILDS = 8;

/** `__dirname` stays the source's folder, wherever the code comes to stand. @param outdir of the bundle. */
const sourceFolders = (outdir) => ({
  name: 'source folders',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!/\b__dirname\b/.test(source)) return { contents: source, loader: 'ts' };
      const folder = JSON.stringify(relative(outdir, dirname(path)));
      const line = `const __dirname = require('node:path').join(import.meta.dirname, ${folder});`;
      return { contents: line + source, loader: 'ts' };
    });
  },
});

/** What a start does not need: sharp's native part, which only pages need, and the languages of zod's messages but English. */
const LOADED_LATE = {
  name: 'loaded late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^sharp$/ }, ({ namespace }) =>
      namespace === 'late' ? undefined : { path: 'sharp', namespace: 'late' },
    );
    onLoad({ filter: /.*/, namespace: 'late' }, () => ({
      contents: `let loaded;
        const sharp = () => (loaded ??= require('sharp'));
        export default new Proxy(() => undefined, {
          apply: (_target, _this, args) => sharp()(...args),
          get: (_target, key) => sharp()[key],
        });`,
      resolveDir: ROOT,
    }));
    onLoad({ filter: /zod.v4.locales.index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/** What every bundle has in common. */
const COMMON = { absWorkingDir: ROOT, bundle: true, platform: 'node', target: 'node20', logLevel: 'warning' };

/** Bundles programs into one folder: a file for each, and files of what they share or load later. */
function bundle(programs, outdir) {
  return build({
    ...COMMON,
    metafile: true,
    entryPoints: Object.fromEntries(
      programs.map((program) => [fileOf(program).replace(/\.mjs$/, ''), `${program}.ts`]),
    ),
    outdir,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    sourcesContent: false,
    external: NOT_BUNDLED,
    plugins: [sourceFolders(outdir), LOADED_LATE],
    // Packages of CommonJS ask for Node's own modules with `require`.
    banner: {
      js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);",
    },
  });
}

/** Puts the whole project's programs into `folder`, at once: of processes that do so at the same time one is first. */
async function bundleProject(folder) {
  const unfinished = `${folder}.${process.pid}`;
  await bundle(PROGRAMS, unfinished);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(unfinished, { recursive: true });
  }
  const builds = readdirSync(dirname(folder))
    .filter((name) => name.startsWith('program-'))
    .map((name) => join(dirname(folder), name))
    .map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((one, other) => other.at - one.at);
  for (const { path } of builds.slice(KEPT_BUILDS)) rmSync(path, { recursive: true, force: true });
}

/** The OCR client as a library, with its threads: what it imports of packages stays an import. @returns the packages' names. */
async function bundleClient(outdir) {
  const { metafile } = await build({
    ...COMMON,
    entryPoints: ['ocr/index.ts', 'ocr/pdfWorker.ts'],
    outdir,
    format: 'cjs',
    packages: 'external',
    metafile: true,
  });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
  return [...new Set(imported.filter(({ external }) => external).map(({ path }) => packageOf(path)))].filter(
    (name) => !builtinModules.includes(name.replace(/^node:/, '')),
  );
}

/** `@a/b/c.js` → `@a/b`; Node's own modules stay as they are. */
const packageOf = (path) => (path.startsWith('node:') ? path : /^(@[^/]+\/)?[^/]+/.exec(path)[0]);

module.exports = { PROGRAMS, bundle, bundleClient, bundleProject };
