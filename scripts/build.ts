import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../package.json';

/** The library alone; the project itself is not published. */
const NAME = 'lightonocr-client';

/**
 * Builds the OCR client as a package of its own: JavaScript and types of `ocr/` and the rules it uses, and a package.json
 * that asks for what the emitted files import and for nothing else. The folder is emptied first.
 */
export function build(root: string, folder = join(root, 'dist')): void {
  rmSync(folder, { recursive: true, force: true });
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
    dependencies: dependenciesOf(folder),
    // The types name Buffer, streams and AbortSignal as Node has them.
    peerDependencies: { '@types/node': '>=20' },
    peerDependenciesMeta: { '@types/node': { optional: true } },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const page = readFileSync(join(root, 'docs', 'ocr-client.md'), 'utf8');
  // The other pages are not in the package: a link to one keeps its words.
  writeFileSync(join(folder, 'README.md'), page.replace(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, '$1'));
}

/** The project's versions of the packages that the emitted files load. */
function dependenciesOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  );
  const loaded = files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/(?:require|import)\("([^.][^"]*)"\)/g)].map(
      ([, name = '']) => name,
    ),
  );
  const known: Readonly<Record<string, string>> = packageJson.dependencies;
  const names = [...new Set(loaded)].filter((name) => !name.startsWith('node:')).sort();
  return Object.fromEntries(
    names.map((name) => {
      const version = known[name];
      if (version === undefined)
        throw new Error(`the client imports ${name}, which is no dependency of the project`);
      return [name, version];
    }),
  );
}

if (require.main === module) {
  build(join(__dirname, '..'));
  process.stdout.write('dist/ is the package lightonocr-client; to install it elsewhere: npm pack ./dist\n');
}
