import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../package.json';

/** The library alone; the project itself is not published. */
const NAME = 'lightonocr-client';

const ROOT = join(__dirname, '..');

/** As much of `bin/bundle.js` as is used here; it is plain JavaScript, because it makes JavaScript of the rest. */
interface Bundler {
  /** Writes the client and its threads, a file each; returns the packages that it imports. */
  bundleClient(folder: string): Promise<readonly string[]>;
}

/**
 * Builds the OCR client as a package of its own: JavaScript and types of `ocr/` and the rules it uses, and a package.json
 * that asks for what the JavaScript imports and for nothing else. The folder is emptied first.
 */
export async function build(root: string, folder = join(root, 'dist', 'client')): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const { bundleClient } = (await import(join(root, 'bin', 'bundle.js'))) as Bundler;
  const imported = await bundleClient(join(folder, 'ocr'));
  const tsc = require.resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', folder], {
    cwd: root,
    stdio: 'inherit',
  });
  const { version, license, engines } = packageJson;
  const description = 'Client of a LightOnOCR service on Cloud Run: documents in, text out.';
  const entries = { main: 'ocr/index.js', types: 'ocr/index.d.ts', files: ['ocr', 'domain'] };
  const manifest = {
    name: NAME,
    version,
    description,
    license,
    engines,
    ...entries,
    dependencies: versionsOf(imported),
    // The types name Buffer, streams and AbortSignal as Node has them.
    peerDependencies: { '@types/node': '>=20' },
    peerDependenciesMeta: { '@types/node': { optional: true } },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  cpSync(join(root, 'ocr', 'fonts'), join(folder, 'ocr', 'fonts'), { recursive: true });
  const page = readFileSync(join(root, 'docs', 'ocr-client.md'), 'utf8');
  // The other pages are not in the package: a link to one keeps its words.
  writeFileSync(join(folder, 'README.md'), page.replace(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, '$1'));
}

/** The project's versions of the packages that the client loads. */
function versionsOf(names: readonly string[]): Record<string, string> {
  const known: Readonly<Record<string, string>> = packageJson.dependencies;
  return Object.fromEntries(
    [...names].sort().map((name) => {
      const version = known[name];
      if (version === undefined)
        throw new Error(`the client imports ${name}, which is no dependency of the project`);
      return [name, version];
    }),
  );
}

/** `npm run build`: the programs are built already, or this one would not run. */
export async function main(): Promise<void> {
  await build(ROOT);
  process.stdout.write(
    'dist/ has the programs; dist/client is the package lightonocr-client, to install elsewhere: npm pack ./dist/client\n',
  );
}
